"""What drf-spectacular cannot see by itself: the sign-in schemes and the error answers every operation has."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


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
INVITEES_MAX = OpenApiParameter("invitees_max", int, description="How many invitees to include", default=0)


class AutoSchema(SpectacularSchema):
    """Adds the error answers; operation ids are the view's name and the method, which stay when a path is reworded."""

    def get_operation_id(self) -> str:
        name = type(self.view).__name__.removesuffix("View")
        return f"{name[0].lower()}{name[1:]}_{self.method.lower()}"

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._error_statuses():
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(Error, str(status), direction=direction)
        return bodies

    def _error_statuses(self) -> list[int]:
        statuses = [] if not self.view.get_permissions() else [401, 403]
        if "{" in self.path:
            statuses.append(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses += [400, 422]
        else:
            statuses.append(400)
        return sorted(statuses)
