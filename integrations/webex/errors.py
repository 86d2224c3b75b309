"""The errors of Webex's API, and the view that answers with them.

`message` says it all, `errors` has a line for each field, `trackingId` is the request's id. `code` is ours.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from rest import errors, fields


class Description(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=errors.LONGEST_MESSAGE)


class WebexError(serializers.Serializer[Any]):
    """The body of every response with a status of 400 or above."""

    # For the example in the document.
    details: ClassVar[dict[str, Any]] = {}

    message = serializers.CharField(max_length=errors.LONGEST_MESSAGE)
    errors = fields.several(Description, errors.MOST_PLACES)  # type: ignore[assignment]
    trackingId = serializers.CharField(max_length=64)  # noqa: N815 - Webex's name
    code = serializers.CharField(max_length=64)


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Like rest.errors.answer, which says status and headers; what is wrong with a field is a 400."""
    plain = errors.answer(error, context)
    if plain is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        lines = [_line(field, detail) for field, detail in islice(_flat(error.detail), errors.MOST_PLACES)]
        code, plain.status_code = errors.BadRequest.code, 400
    else:
        lines, code = [plain.data["message"]], plain.data["code"]
    plain.data = {
        "message": lines[0],
        "errors": [{"description": line} for line in lines],
        "trackingId": plain.data["request_id"],
        "code": code,
    }
    return plain


class WebexView(APIView):
    """What all views of /webex/v1 share."""

    error_answer: ClassVar[Any] = WebexError

    def get_exception_handler(self) -> Any:
        return answer


def _line(field: str, detail: exceptions.ErrorDetail) -> str:
    return (f"{field}: {detail}" if field else str(detail))[: errors.LONGEST_MESSAGE]


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """Nested errors by dotted path."""
    if isinstance(detail, dict):
        for name, value in detail.items():
            yield from _flat(value, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for value in detail:
            yield from _flat(value, path)
    else:
        yield path, detail
