"""What drf-spectacular cannot see by itself: which errors an operation answers, and that a DELETE may have a body."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal, TypeVar

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation

from rest import fields
from rest.errors import (
    MOST_PLACES,
    WIRE_MESSAGES,
    ApiError,
    BadRequest,
    InvalidContentType,
    InvalidJson,
    NotFound,
    PayloadOverflow,
    body,
)


def sign_in_first(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's hook for the finished document: Swagger UI offers the ways in as they stand here."""
    schemes = result["components"]["securitySchemes"]
    result["components"]["securitySchemes"] = {"signIn": schemes["signIn"], **schemes}
    return result


class ValidationEntry(serializers.Serializer[Any]):
    """One problem in the request; without `field` it is about the whole body."""

    field = serializers.CharField(max_length=255, required=False)
    code = serializers.CharField(max_length=64)
    message = serializers.CharField(max_length=500)


class Error(serializers.Serializer[Any]):
    """The body of every response with a status of 400 or above."""

    # For the example in the document: what stands beside these members where fields are wrong.
    details: ClassVar[dict[str, Any]] = {
        name: [{"field": "title", "code": "invalid_length", "message": "At most 255 characters are allowed."}]
        for name in ("validation_errors", "errors")
    }

    code = serializers.CharField(max_length=64)
    message = serializers.CharField(max_length=500)
    status = serializers.CharField(max_length=3)
    documentation_url = serializers.CharField(max_length=255)
    request_id = serializers.CharField(max_length=64)
    validation_errors = fields.several(ValidationEntry, MOST_PLACES, required=False)
    errors = fields.several(ValidationEntry, MOST_PLACES, required=False)  # type: ignore[assignment]


def text_parameter(name: str, maximum: int, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "string", "maxLength": maximum}, description=description, **more)


def number_parameter(name: str, default: int, description: str, **bounds: int) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "integer", **bounds}, description=description, default=default)


def flag_parameter(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, bool, description=description, default=False)


def answer_header(name: str, status: int, description: str) -> OpenApiParameter:
    return text_parameter(name, 4000, description, location=OpenApiParameter.HEADER, response=[status])


INSTANCE_ID = text_parameter(
    "instance_id", 20, "An occurrence by its original start, such as 20261130T090000Z", location=OpenApiParameter.PATH
)
LOCATION = answer_header("Location", 201, "The address of the new object")
SUPPRESS = flag_parameter("suppress_email_notification", "Send no mail about this change")
DRY_RUN = flag_parameter("dry_run", "Change nothing and return what would happen")
FORCE_DELETE = flag_parameter(
    "force_delete_reference_if_external_services_fail",
    "Accepted for compatibility: a deletion here never waits for another service",
)
INVITEES_MAX = number_parameter("invitees_max", 0, "How many invitees to include", minimum=0)


Method = TypeVar("Method", bound=Callable[..., Any])
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
WWW_AUTHENTICATE = {
    "WWW-Authenticate": {
        "schema": {"type": "string", "maxLength": 255},
        "description": "What is wrong with the token (RFC 6750 3)",
    }
}
# Headers of some errors.
HEADERS = {
    "401.unauthorized": WWW_AUTHENTICATE,
    "429.too_many_requests": RETRY_AFTER,
    "429.too_many_streams": RETRY_AFTER,
    "503.service_unavailable": RETRY_AFTER,
}
REQUEST_ID = "6f1d0c9ab3e24a4c8f4e5d1b7c2a9e30"


# By the first part of the path.
TAGS = {
    ".well-known": "How clients find the API",
    "auth": "Where and how to sign in",
    "users": "People, and your own profile, tariff and files",
    "events": "Meetings, their occurrences, and who is invited",
    "rooms": "Rooms and their contents: guest codes, dial-in, live streams, files",
    "invite": "Operations on guest codes for guests",
    "turn": "TURN and STUN servers",
    "stream": "What happened, for whom it concerns, as it happens",
    "activity": "What happened, for whom it concerns, afterwards",
    "services": "For other services, with their own tokens",
    "webex": "The log for compliance officers, in the vocabulary of Webex's API",
    "smart_invites": "Invitations that other programs send, in the vocabulary of Cronofy's API",
}


def add_tags(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's hook for the finished document."""
    return result | {"tags": [{"name": name, "description": text} for name, text in TAGS.items()]}


def may_raise(*errors: type[ApiError] | int) -> Callable[[Method], Method]:
    """Names the errors that are this operation's own; a number is a status that has one code only.

    AutoSchema adds what follows from sign-in, path, query and body.
    """

    def named(method: Method) -> Method:
        method.errors = errors  # type: ignore[attr-defined]
        return method

    return named


class AutoSchema(SpectacularSchema):
    """Adds the error answers; operation ids are the view's name and the method, which stay when a path is reworded."""

    def get_operation_id(self) -> str:
        name = type(self.view).__name__.removesuffix("View")
        return f"{name[0].lower()}{name[1:]}_{self.method.lower()}"

    def get_request_serializer(self) -> Any:
        """Of a DELETE only what `extend_schema` says."""
        return None if self.method == "DELETE" else super().get_request_serializer()

    def _get_request_body(self, direction: Literal["request", "response"] = "request") -> dict[str, Any] | None:
        method = self.method
        if method == "DELETE" and self.get_request_serializer() is not None:
            self.method = "POST"  # drf-spectacular takes it that a DELETE has none
        described: dict[str, Any] | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        self.method = method
        return described

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        schema, is_required = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        return _bounded(schema, serializer), is_required

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        if isinstance(field, fields.Map):
            schema["maxProperties"] = field.max_length
        return _bounded(schema, field)

    def _get_response_for_code(self, serializer: Any, status_code: str, *args: Any, **kwargs: Any) -> Any:
        answer = super()._get_response_for_code(serializer, status_code, *args, **kwargs)  # type: ignore[no-untyped-call]
        for content in answer.get("content", {}).values():
            _bounded(content["schema"], serializer)
        return answer

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        messages: dict[int, dict[str, str]] = {}
        for error in self._errors():
            status, code, message = _named(error)
            messages.setdefault(status, {}).setdefault(code, message)
        errors = {str(status): self._error_answer(status, named) for status, named in messages.items()}
        return dict(sorted((bodies | errors).items()))

    def _error_answer(self, status: int, messages: dict[str, str]) -> dict[str, Any]:
        """A reference: operations that answer the same codes share the description. `messages` are by code."""
        codes = sorted(messages)
        kind = getattr(self.view, "error_answer", Error)
        answer = self._get_response_for_code(kind, str(status))
        answer["description"] = "; ".join(f"`{code}`: {messages[code]}" for code in codes)
        content = answer["content"]["application/json"]
        content["examples"] = {code: {"value": _example(kind, status, code, messages[code])} for code in codes}
        name = ".".join([str(status), *codes])
        if name in HEADERS:
            answer["headers"] = HEADERS[name]
        if kind is not Error:
            name += f".{kind.__name__}"
        component = ResolvedComponent(name, ResolvedComponent.RESPONSE, answer, object=name)
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference

    def _errors(self) -> Iterator[type[ApiError] | int]:
        for source in (getattr(self.view, self.method.lower()), self.view, *self.view.get_authenticators()):
            yield from getattr(source, "errors", ())
        if "{" in self.path:
            yield NotFound
        # What is no OpenApiParameter is a serializer of several.
        if any(getattr(parameter, "location", "query") == "query" for parameter in self.get_override_parameters()):
            yield BadRequest
        if type(self.view.get_content_negotiator()) is DefaultContentNegotiation:
            yield 406
        if "application/json" in (self._get_request_body() or {}).get("content", {}):
            yield from (InvalidJson, InvalidContentType, PayloadOverflow, 422)


def _bounded(schema: Any, many: Any) -> Any:
    """drf-spectacular passes over how many items a serializer of several has."""
    if schema and schema.get("type") == "array" and getattr(many, "max_length", None):
        schema["maxItems"] = many.max_length
    return schema


def _named(error: type[ApiError] | int) -> tuple[int, str, str]:
    """Its status, code and message."""
    if isinstance(error, int):
        return error, *WIRE_MESSAGES[error]
    return error.status_code, error.code, error.default_detail


def _example(kind: Any, status: int, code: str, message: str) -> dict[str, Any]:
    if hasattr(kind, "written"):  # a vocabulary whose errors have other members than ours
        return dict(kind.written(code, [message], REQUEST_ID))
    entries = kind.details if code == "validation_failed" else {}
    return body(status, code, message) | {"request_id": REQUEST_ID} | entries
