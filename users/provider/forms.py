"""The login form: after too many wrong passwords of a client to a name each try of that pair waits (users/guard.py)."""

from math import ceil
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rest.client import client_address
from rest.errors import TooManyRequests
from users import guard


class SignInForm(AuthenticationForm):
    username = UsernameField(label=_("Username or email"))
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)
    wait_seconds = 0  # of a try that was not read

    error_messages = {
        "invalid_login": _("Invalid username or password."),  # the words that programs written for the field look for
        "inactive": _("Invalid username or password."),
        "locked": _("Too many wrong passwords. You can try again in %(seconds)d seconds."),
    }

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        address = client_address(self.request) if self.request else ""
        try:
            guard.count_try(name=name, address=address)
        except TooManyRequests as error:
            self.wait_seconds = max(2, ceil(error.wait or 0))
            told = self.error_messages["locked"] % {"seconds": self.wait_seconds}
            raise ValidationError(told, code="locked") from None
        cleaned: dict[str, Any] = super().clean()
        guard.forget_tries(name=name, address=address)
        return cleaned
