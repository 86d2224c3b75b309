"""What drf-spectacular cannot see by itself: the sign-in schemes and the error answers every operation has."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from rest.errors import WIRE_MESSAGES


class ValidationEntry(serializers.Serializer[Any]):
    """One thing that is wrong with the request; without `field` it is the whole body."""

    field = serializers.CharField(required=False)
    code = serializers.CharField()
    message = serializers.CharField()


class Error(serializers.Serializer[Any]):
    """The body of every answer with a status from 400 on."""

    code = serializers.CharField()
    message = serializers.CharField()
    status = serializers.CharField()
    documentation_url = serializers.CharField()
    request_id = serializers.CharField()
    validation_errors = ValidationEntry(many=True, required=False)
    errors = ValidationEntry(many=True, required=False)  # type: ignore[assignment]


def flag_parameter(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, bool, description=description, default=False)


SUPPRESS = flag_parameter("suppress_email_notification", "Send no mail about this change")
FORCE_DELETE = flag_parameter(
    "force_delete_reference_if_external_services_fail",
    "Taken for clients that send it: what is deleted here never waits for another service",
)
INVITEES_MAX = OpenApiParameter("invitees_max", int, description="How many invitees to include", default=0)


class AutoSchema(SpectacularSchema):
    """Adds the error answers; operation ids are the view's name and the method, which stay when a path is reworded."""

    def get_operation_id(self) -> str:
        name = type(self.view).__name__.removesuffix("View")
        return f"{name[0].lower()}{name[1:]}_{self.method.lower()}"

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        declared = [int(status) for status in bodies if status >= "400"]
        errors = {str(status): self._error_answer(status) for status in {*declared, *self._error_statuses()}}
        return dict(sorted((bodies | errors).items()))

    def _error_answer(self, status: int) -> dict[str, Any]:
        """A reference: every operation has several of them, all with the same body."""
        code, message = WIRE_MESSAGES[status]
        answer = self._get_response_for_code(Error, str(status)) | {"description": message}
        if status == 503:
            answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}
        name = code.title().replace("_", "")
        component = ResolvedComponent(name, ResolvedComponent.RESPONSE, answer, object=name)
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference

    def _error_statuses(self) -> list[int]:
        statuses = [] if not self.view.get_permissions() else [401, 403]
        if self.view.get_authenticators():
            statuses.append(503)  # the keys of another issuer may be out of reach
        if "{" in self.path:
            statuses.append(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses += [400, 422]
        else:
            statuses.append(400)
        return statuses
