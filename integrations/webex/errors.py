"""The errors of Webex's API, and the view that answers with them.

`message` says it all, `errors` has a line for each field, `trackingId` is the request's id. `code` is ours.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest import errors, fields, throttle
from rest.errors import ApiError, TooManyRequests


class Description(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=errors.LONGEST_MESSAGE)


class WebexError(serializers.Serializer[Any]):
    """The body of every response with a status of 400 or above."""

    message = serializers.CharField(max_length=errors.LONGEST_MESSAGE)
    errors = fields.several(Description, errors.MOST_PLACES)  # type: ignore[assignment]
    trackingId = serializers.CharField(max_length=64)  # noqa: N815 - Webex's name
    code = serializers.CharField(max_length=64)

    @staticmethod
    def written(code: str, lines: list[str], request_id: str) -> dict[str, Any]:
        """Also for the examples in the document."""
        errors_ = [{"description": line} for line in lines]
        return {"message": lines[0], "errors": errors_, "trackingId": request_id, "code": code}


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
    plain.data = WebexError.written(code, lines, plain.data["request_id"])
    return plain


class WebexView(APIView):
    """What all views of /webex/v1 share."""

    error_answer: ClassVar[Any] = WebexError
    errors: ClassVar[tuple[type[ApiError], ...]] = (TooManyRequests,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        throttle.count(f"webex:{request.user.pk}", settings.WEBEX_PER_MINUTE)

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
