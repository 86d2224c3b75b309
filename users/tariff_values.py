"""The JSON columns of a tariff: a wrong shape would break every request of the people who have it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def quotas(value: Any) -> dict[str, int]:
    value = value or {}
    if not isinstance(value, dict) or not all(type(quota) is int and quota >= 0 for quota in value.values()):
        raise ValidationError(_("A JSON object with a whole number, 0 or more, for each name"))
    return value


def words(value: Any) -> list[str]:
    value = value or []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValidationError(_("A JSON list of names"))
    return value
