"""Input fields with the contract's rules: JSON types are not guessed, times carry an offset, zones are IANA names."""

import uuid
from collections.abc import Container
from datetime import UTC, datetime
from typing import Any

from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from calendars.addresses import is_mailable
from calendars.times import is_zone
from rest.errors import BadRequest
from rest.renderers import timestamp

# RFC 3339 has four digits for the year; the ends are left out so that every zone can show every instant.
FIRST_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 30, tzinfo=UTC)


class Text(serializers.CharField):
    """A JSON string, kept as it is: no trimming, no numbers. "" is allowed where the contract does not forbid it."""

    default_error_messages = {"invalid_type": "This must be a string"}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        kwargs.setdefault("allow_blank", kwargs.get("min_length", 0) == 0)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_type")
        return str(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    """JSON `true` or `false`."""

    default_error_messages = {"invalid_type": "This must be true or false"}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid_type")
        return data


class WholeNumber(serializers.IntegerField):
    """A JSON number without fraction; DRF would take a string for one, too."""

    default_error_messages = {"invalid_type": "This must be a whole number"}

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid_type")
        return int(super().to_internal_value(data))


class Identifier(serializers.UUIDField):
    """A UUID as a JSON string; DRF would take a number for one, too."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


def _name_last(validators: list[Any], code: str) -> None:
    """DRF puts the validator that makes a field what it is last, and gives it the code "invalid"."""
    validators[-1].code = code


class Items(serializers.ListField):
    """A list of at most `max_length` members, counted before one of them is read."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list):
            self.run_validators(data)
        return list(super().to_internal_value(data))


def several(kind: type[serializers.Serializer[Any]], most: int, **how: Any) -> serializers.ListSerializer[Any]:
    """A list of objects, counted before one of them is read."""
    return serializers.ListSerializer(child=kind(), max_length=most, **how)


class Map(serializers.DictField):
    """An object of at most `max_length` members whose names are data."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.max_length = max_length
        super().__init__(**kwargs)


class EmailAddress(serializers.EmailField):
    """One address, without a name; none with a quoted part or a literal address, which no calendar object can name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _name_last(self.validators, "invalid_email")
        message = self.error_messages["invalid"]
        self.validators.append(RegexValidator(r'^[^"\[\]]*$', message, "invalid_email"))

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if not is_mailable(value):
            raise serializers.ValidationError(self.error_messages["invalid"], "invalid_email")


class WebAddress(serializers.URLField):
    """http or https, also ftp."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _name_last(self.validators, "invalid_url")


class AnyAddress(serializers.RegexField):
    """A URL of any scheme, such as rtmp."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[a-z][a-z0-9+.-]*://[^\s]+\Z", **kwargs)
        _name_last(self.validators, "invalid_url")


@extend_schema_field(OpenApiTypes.DATETIME)
class Instant(serializers.Field[Any, Any, Any, Any]):
    """RFC 3339 with any offset in, UTC datetime inside, in whole seconds as in every answer. No offset is an error."""

    default_error_messages = {
        "invalid_type": "This must be an RFC 3339 time with offset, such as 2026-11-23T09:00:00Z",
        "out_of_range": "This date is out of range",
    }

    def to_internal_value(self, data: Any) -> datetime:
        value = parse_rfc3339(data) if isinstance(data, str) else None
        if value is None:
            self.fail("invalid_type")
        if not FIRST_INSTANT <= value <= LAST_INSTANT:
            self.fail("out_of_range")
        return value.astimezone(UTC).replace(microsecond=0)

    def to_representation(self, value: datetime) -> str:
        return timestamp(value)


class ZoneName(Text):
    """An IANA time zone name, echoed as given."""

    default_error_messages = {"unknown_zone": "This is not the name of an IANA time zone"}

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # Django REST framework lets "" pass unread.
        if data == "":
            self.fail("unknown_zone")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not is_zone(name):
            self.fail("unknown_zone")
        return name


class DateTimeTz(serializers.Serializer[Any]):
    """`{"datetime": "2024-07-05T15:00:00Z", "timezone": "Europe/Berlin"}`."""

    datetime = Instant()
    timezone = ZoneName(max_length=64)


def parse_rfc3339(text: str) -> datetime | None:
    """An aware datetime, None for anything else; seconds may be left out, as some clients do."""
    try:
        value = parse_datetime(text.upper()) if text.isascii() and "T" in text.upper() else None
    except ValueError:
        return None
    return value if value is not None and value.tzinfo is not None else None


def query_flag(request: Request, name: str, default: bool | None = False) -> bool | None:
    """`true` or `false` from the query string."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if text not in {"true", "false"}:
        raise BadRequest(f"The query parameter {name} must be true or false")
    return text == "true"


def query_instant(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    # A client that forgets to encode "+02:00" sends a blank.
    value = parse_rfc3339(text.replace(" ", "+"))
    if value is None or not FIRST_INSTANT <= value <= LAST_INSTANT:
        raise BadRequest(f"The query parameter {name} must be an RFC 3339 time with offset")
    return value.astimezone(UTC)


def query_number(request: Request, name: str, default: int, maximum: int) -> int:
    """A whole number from 0 on, clamped to `maximum`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"The query parameter {name} must be a whole number from 0 on")
    return min(int(text), maximum)


def query_text(request: Request, name: str, maximum: int) -> str:
    """Any text; "" where it is missing."""
    text = request.query_params.get(name, "")
    # PostgreSQL takes no NUL.
    if len(text) > maximum or "\0" in text:
        raise BadRequest(f"The query parameter {name} must be text of at most {maximum} characters")
    return text


def query_id(request: Request, name: str) -> uuid.UUID | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadRequest(f"The query parameter {name} must be a UUID") from None


def query_words(request: Request, name: str, known: Container[str]) -> list[str]:
    """Words from `a,b` as well as from the parameter given several times."""
    texts = ",".join(request.query_params.getlist(name))
    words = list(dict.fromkeys(text.strip() for text in texts.split(",") if text.strip()))
    unknown = [word for word in words if word not in known]
    if unknown:
        raise BadRequest(f"The query parameter {name} knows no {', '.join(unknown)}")
    return words


def query_word(request: Request, name: str, *known: str) -> str:
    """One of the words; the first is the default."""
    word = request.query_params.get(name, known[0])
    if word not in known:
        raise BadRequest(f"The query parameter {name} must be {' or '.join(known)}")
    return word
