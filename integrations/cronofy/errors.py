"""The errors of Cronofy's API: what is wrong with a field stands in a map, beside the members of all our errors."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

from rest_framework import exceptions, serializers
from rest_framework.response import Response

from rest import errors, fields

WHOLE = "request"  # stands for the body where no field is to blame
MOST_OF_ONE = 10
MISSING = frozenset({"required", "null", "blank", "value_required"})


class FieldError(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=64)
    description = serializers.CharField(max_length=errors.LONGEST_MESSAGE)


class SmartInviteError(serializers.Serializer[Any]):
    """The body of every response with a status of 400 or above. `errors` has one member for each wrong field."""

    # For the example in the document.
    details: ClassVar[dict[str, Any]] = {
        "errors": {"event.summary": [{"key": "errors.required", "description": "This field is required."}]}
    }

    code = serializers.CharField(max_length=64)
    message = serializers.CharField(max_length=errors.LONGEST_MESSAGE)
    status = serializers.CharField(max_length=3)
    documentation_url = serializers.CharField(max_length=255)
    request_id = serializers.CharField(max_length=64)
    errors = fields.Map(  # type: ignore[assignment]
        child=fields.several(FieldError, MOST_OF_ONE), max_length=errors.MOST_PLACES, required=False
    )


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Like rest.errors.answer, which it asks about all but fields."""
    if not isinstance(error, exceptions.ValidationError):
        return errors.answer(error, context)
    found: dict[str, list[dict[str, str]]] = {}
    for field, detail in islice(_flat(error.detail), errors.MOST_PLACES):
        entry = {"key": _key(detail.code or ""), "description": str(detail)[: errors.LONGEST_MESSAGE]}
        if len(entries := found.setdefault(field or WHOLE, [])) < MOST_OF_ONE:
            entries.append(entry)
    return Response(errors.body(422) | {"errors": found}, status=422)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """Nested errors by dotted path, members of lists by their number."""
    if isinstance(detail, dict):
        for name, value in detail.items():
            yield from _flat(value, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for number, value in enumerate(detail):
            is_member = isinstance(value, dict)
            yield from _flat(value, f"{path}.{number}" if is_member else path)
    else:
        yield path, detail


def _key(code: str) -> str:
    if code in MISSING:
        return "errors.required"
    return {"max_length": "errors.too_long", "unknown_zone": "errors.invalid_tzid"}.get(code, "errors.invalid")
