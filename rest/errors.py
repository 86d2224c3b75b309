"""Every error of the API: its class, its code and its one body shape. Services raise errors; only this module builds
the responses.

Body: `{code, message, status, documentation_url, request_id}` and, where fields are wrong, one entry each in
`validation_errors`, repeated under the older name `errors` .
"""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response

from rest.request_id import current

DOCUMENTATION_PATH = "/v1/docs"
# An error's answer stays short whatever was sent: some messages repeat a part of it.
MOST_PLACES = 100
LONGEST_MESSAGE = 500


class ApiError(exceptions.APIException):
    """Base of the errors that services and views raise. A subclass states status, code and message."""

    status_code = 400
    code = "bad_request"
    default_detail = "Invalid request due to malformed syntax"

    def __init__(self, message: str = "") -> None:
        super().__init__(detail=message or self.default_detail, code=self.code)


class BadRequest(ApiError):
    pass


class InvalidJson(ApiError):
    code = "invalid_json"
    default_detail = "The request body is not the JSON that this operation expects"


class InvalidContentType(ApiError):
    code = "invalid_content_type"
    default_detail = "The request body must be sent with the content type that the operation expects"


class PayloadOverflow(ApiError):
    code = "payload_overflow"
    default_detail = "The request body is too large"


class Unauthorized(ApiError):
    """Only if a new token would help: the frontend repeats requests without pause while it gets 401."""

    status_code = 401
    code = "unauthorized"
    default_detail = "Authentication failed"
    error = "invalid_token"
    error_description = "The provided access token is invalid"


class MissingToken(Unauthorized):
    # The frontend compares this very text and then does not refresh its token.
    default_detail = "Unable to parse access token or invite code"
    error = "invalid_request"
    error_description = "No access token or invite code was provided"


class ExpiredToken(Unauthorized):
    error_description = "The provided access token expired"


class Forbidden(ApiError):
    status_code = 403
    code = "forbidden"
    default_detail = "Access to the requested resource is forbidden"


class NotFound(ApiError):
    status_code = 404
    code = "not_found"
    default_detail = "A requested resource could not be found"


class Conflict(ApiError):
    status_code = 409
    code = "conflict"
    default_detail = "The request conflicts with the state of the resource"


class TooManyRequests(ApiError):
    """Too many wrong secrets. `wait` seconds, sent as Retry-After, pass before the next one is read."""

    status_code = 429
    code = "too_many_requests"
    default_detail = "Too many requests; try again later"

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = math.ceil(wait)


class UpgradeRequired(ApiError):
    status_code = 426
    code = "upgrade_required"
    default_detail = "This address speaks WebSocket alone"
    upgrade = "websocket"


class ServiceUnavailable(ApiError):
    """A server that this one depends on does not answer; trying again helps, a fresh token does not."""

    status_code = 503
    code = "service_unavailable"
    default_detail = "The service is currently unavailable"
    wait = 10  # seconds, sent as Retry-After


class ValidationFailed(exceptions.ValidationError):
    """Well-formed JSON that breaks a rule: `{field: [ErrorDetail(message, code)]}`, codes in the contract's words."""


def field_error(field: str, code: str, message: str) -> ValidationFailed:
    """One entry for a rule that no field checks by itself; "" is the whole body."""
    return ValidationFailed({field or "non_field_errors": [exceptions.ErrorDetail(message, code)]})


WIRE_MESSAGES = {
    400: ("bad_request", BadRequest.default_detail),
    401: ("unauthorized", Unauthorized.default_detail),
    403: ("forbidden", Forbidden.default_detail),
    404: ("not_found", NotFound.default_detail),
    405: ("method_not_allowed", "This method is not allowed here"),
    406: ("not_acceptable", "This operation answers application/json"),
    409: ("conflict", Conflict.default_detail),
    413: ("payload_overflow", PayloadOverflow.default_detail),
    416: ("range_not_satisfiable", "The file is shorter than the range that was asked for"),
    422: ("validation_failed", "Some provided values are invalid"),
    429: ("too_many_requests", TooManyRequests.default_detail),
    500: ("internal_server_error", "An internal server error occurred"),
    503: ("service_unavailable", "The service is currently unavailable"),
}
# DRF's words for what is wrong with a value -> the contract's. What is not listed is `invalid_value`.
ENTRY_CODES = {
    "max_length": "invalid_length",
    "min_length": "invalid_length",
    "blank": "invalid_length",
    "max_value": "out_of_range",
    "min_value": "out_of_range",
    "max_string_length": "out_of_range",
    "required": "value_required",
    "null": "value_required",
    "invalid_url": "invalid_url",
    "invalid_email": "invalid_email",
    "value_required": "value_required",
    "ignored_value": "ignored_value",
    "missing_values": "missing_values",
    "out_of_range": "out_of_range",
    "invalid_length": "invalid_length",
}
# Not the JSON that the operation expects: a missing member or one of another type, a wrong UUID, enum word, zone or
# address.
TYPE_CODES = frozenset({
    "required", "null", "invalid", "not_a_list", "not_a_dict", "invalid_choice", "invalid_type", "unknown_zone",
    "date",
    "invalid_email", "invalid_url", "overflow", "make_aware",
})  # fmt: skip


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: the response for `error`, None for what is no error of the API (then a 500)."""
    if isinstance(error, Http404):
        error = NotFound()
    elif isinstance(error, PermissionDenied):
        error = Forbidden()
    if not isinstance(error, exceptions.APIException):
        return None
    if isinstance(error, exceptions.ValidationError):
        return _validation_answer(error)
    code, message = _code_and_message(error)
    response = Response(body(error.status_code, code, message), status=error.status_code)
    if isinstance(error, Unauthorized):
        response["WWW-Authenticate"] = f'Bearer error="{error.error}", error_description="{error.error_description}"'
    wait = getattr(error, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(int(wait))
    if isinstance(error, UpgradeRequired):  # RFC 9110, 15.5.22
        response["Upgrade"] = error.upgrade
    return response


def body(status: int, code: str = "", message: str = "") -> dict[str, Any]:
    default_code, default_message = WIRE_MESSAGES.get(status, WIRE_MESSAGES[400])
    return {
        "code": code or default_code,
        "message": (message or default_message)[:LONGEST_MESSAGE],
        "status": str(status),
        "documentation_url": DOCUMENTATION_PATH if settings.OPENAPI else "",
        "request_id": current(),
    }


def _code_and_message(error: exceptions.APIException) -> tuple[str, str]:
    if isinstance(error, ApiError):
        return error.code, str(error.detail)
    if isinstance(error, exceptions.ParseError):
        return InvalidJson.code, str(error.detail)
    if isinstance(error, exceptions.UnsupportedMediaType):
        error.status_code = 400
        return InvalidContentType.code, InvalidContentType.default_detail
    return WIRE_MESSAGES.get(error.status_code, WIRE_MESSAGES[400])


def _validation_answer(error: exceptions.ValidationError) -> Response:
    details = list(islice(_flatten(error.detail), MOST_PLACES))
    is_type = any(detail.code in TYPE_CODES for _, detail in details)
    answer_body = body(400, InvalidJson.code, InvalidJson.default_detail) if is_type else body(422)
    entries = [_entry(field, detail) for field, detail in details]
    answer_body |= {"validation_errors": entries, "errors": entries}
    return Response(answer_body, status=int(answer_body["status"]))


def _flatten(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """Nested errors as (dotted field path, detail) pairs; "" is the whole object."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _flatten(value, path if key == "non_field_errors" else f"{path}.{key}".lstrip("."))
    elif isinstance(detail, list):
        for value in detail:
            yield from _flatten(value, path)
    else:
        yield path, detail


def _entry(field: str, detail: exceptions.ErrorDetail) -> dict[str, str]:
    entry = {"code": ENTRY_CODES.get(detail.code or "", "invalid_value"), "message": str(detail)[:LONGEST_MESSAGE]}
    return {"field": field} | entry if field else entry


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404 for paths that no view serves: a page for browsers, JSON for programs."""
    is_for_programs = request.path.startswith(("/v1/", "/webex/", "/api", "/oidc/", "/.well-known/", "/signaling"))
    # Not `request.accepts`, which "*/*" passes too: browsers name what they want.
    if is_for_programs or "text/html" not in request.headers.get("Accept", ""):
        return JsonResponse(body(404), status=404)
    return render(request, "pages/not_found.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: the stack trace goes to the log, the request id to the client."""
    return JsonResponse(body(500), status=500)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400: requests that Django refuses before a view sees them."""
    return JsonResponse(body(400), status=400)
