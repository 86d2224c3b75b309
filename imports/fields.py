"""What cells are checked by in more than one kind of list."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from calendars.addresses import canonical, is_mailable


class AddressField(forms.EmailField):
    """In the stored spelling."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        if not is_mailable(address):
            raise ValidationError(EmailValidator.message, code="invalid")
        return canonical(address)
