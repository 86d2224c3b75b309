"""The login form: counts wrong passwords per name and client, and refuses that pair for a while after too many."""

import hashlib
import unicodedata
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rest.client import client_address

WRONG_PASSWORDS = 5
COUNTED_SECONDS = 300
LOCKED_SECONDS = 300


class SignInForm(AuthenticationForm):
    username = UsernameField(label=_("Username or email"))
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)

    error_messages = {
        "invalid_login": _("Invalid username or password."),  # the words that programs written for the field look for
        "inactive": _("Invalid username or password."),
        "locked": _("Too many wrong passwords. Please wait a few minutes and try again."),
    }

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not name or not password:
            return self.cleaned_data
        key = self._attempts_key(name)
        # Counted before the password is checked: requests that arrive together get no additional guess.
        if _count(key) > WRONG_PASSWORDS:
            raise ValidationError(self.error_messages["locked"], code="locked")
        cleaned: dict[str, Any] = super().clean()
        cache.delete(key)
        return cleaned

    def _attempts_key(self, name: str) -> str:
        """By what was typed, never by what it leads to: else the lock would tell which names have an account.

        Folded further than accounts are looked up, so that no spelling of a name gives additional guesses.
        """
        address = client_address(self.request) if self.request else ""
        typed = unicodedata.normalize("NFKC", name).strip().casefold()
        return f"sign-in:{hashlib.sha256(f'{typed} {address}'.encode()).hexdigest()}"


def _count(key: str) -> int:
    """The number of attempts within the time that counts, this one included."""
    if cache.add(key, 1, COUNTED_SECONDS):
        return 1
    try:
        attempts = cache.incr(key)
    except ValueError:  # it expired since the line above
        cache.set(key, 1, COUNTED_SECONDS)
        return 1
    if attempts == WRONG_PASSWORDS:
        cache.touch(key, LOCKED_SECONDS)
    return attempts
