"""The statuses of cospace: every answer is HTTP 200, and `status` says what became of the call."""

import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from rest import errors
from rest.request_id import current
from users.password_sign_in import WrongCredentials

logger = logging.getLogger("django.request")

# How DRF and we call values that are not there.
MISSING = frozenset({"required", "null", "value_required", "missing_values"})
MOST_FIELDS = 100
LONGEST_MESSAGE = 4000


class NoSession(errors.ApiError):
    code = "no-session"
    default_detail = "There is no such session, or it has ended"


class NoAuth(errors.ApiError):
    code = "no-auth"
    default_detail = "Nobody has signed in to this session"


class WrongOrigin(errors.ApiError):
    code = "wrong-origin"
    default_detail = "The session was begun by a page of another origin"


# What is none of these is "fail".
STATUSES: dict[type[Exception], str] = {
    NoSession: "no-session",
    NoAuth: "no-auth",
    WrongOrigin: "wrong-origin",
    WrongCredentials: "wrong-credentials",
    errors.NotFound: "not-found",
    errors.Forbidden: "no-access",
    errors.InvalidJson: "wrong-syntax",
    errors.InvalidContentType: "wrong-syntax",
    exceptions.ParseError: "wrong-syntax",
    exceptions.UnsupportedMediaType: "wrong-syntax",
}


def answer(error: Exception, context: dict[str, Any]) -> Response:
    """For what a view raises. What nobody foresaw is logged as an error with the request's id, which is told, too."""
    if isinstance(error, Http404):
        error = errors.NotFound()
    elif isinstance(error, PermissionDenied):
        error = errors.Forbidden()
    if isinstance(error, exceptions.ValidationError):
        return _said(*_of_fields(error))
    if not isinstance(error, exceptions.APIException):
        return _unforeseen(error, context)
    status = next((word for kind, word in STATUSES.items() if isinstance(error, kind)), "fail")
    response = _said(status, str(error.detail))
    if (wait := getattr(error, "wait", None)) is not None:
        response["Retry-After"] = str(int(wait))
    return response


def _said(status: str, message: str) -> Response:
    return Response({"status": status, "message": message[:LONGEST_MESSAGE]})


def _of_fields(error: exceptions.ValidationError) -> tuple[str, str]:
    """`missing-element` where one is missing, whatever else is wrong. The message names every field."""
    found = list(islice(_flat(error.detail), MOST_FIELDS))
    status = "missing-element" if any(detail.code in MISSING for _, detail in found) else "wrong-syntax"
    lines = (f"{field}: {detail}" if field else str(detail) for field, detail in found)
    return status, " ".join(line[: errors.LONGEST_MESSAGE] for line in lines)


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """Nested errors by dotted path, members of lists by their number."""
    if isinstance(detail, dict):
        for name, value in detail.items():
            yield from _flat(value, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for number, value in enumerate(detail):
            yield from _flat(value, f"{path}.{number}".lstrip(".") if isinstance(value, dict) else path)
    else:
        yield path, detail


def _unforeseen(error: Exception, context: dict[str, Any]) -> Response:
    request = context["request"]
    # As Django does for an answer with status 500: operators find it by their usual means, and tests fail.
    got_request_exception.send(sender=type(context["view"]), request=request._request)
    logger.error("Internal Server Error: %s", request.path, exc_info=error, extra={"request": request._request})
    return _said("fail", f"An internal server error occurred. Request id: {current()}")
