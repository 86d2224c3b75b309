"""`Authorization: Bearer <API key>` -> the Application."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from integrations.cronofy import throttle
from integrations.cronofy.models import Application
from integrations.deliveries.keys import ring_of
from rest.errors import ApiError, Forbidden, MissingToken, TooManyRequests, Unauthorized
from users.authentication import BearerAuthentication


class InvalidKey(Unauthorized):
    default_detail = "The API key is missing or invalid"
    error_description = "The provided API key is missing, invalid or expired"


class ApplicationRequest(Request):
    """What a view gets whose permission is IsApplication: only the type is new."""

    auth: Application


class ApplicationAuthentication(BearerAuthentication):
    errors: ClassVar[tuple[type[ApiError], ...]] = (InvalidKey, Forbidden, TooManyRequests)

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        try:
            return super().authenticate(request)
        except MissingToken:
            raise InvalidKey from None

    def bearer_of(self, token: str) -> tuple[Any, Any]:
        """The service user, and the application. Raises InvalidKey, Forbidden, TooManyRequests."""
        ring = ring_of(token)
        found = Application.objects.select_related("tenant", "ring", "service_user__tariff").filter(ring=ring)
        application = found.first() if ring else None
        if application is None:
            raise InvalidKey
        if not application.is_active:
            raise Forbidden
        throttle.count(application)
        return application.service_user, application


class IsApplication(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, Application):
            raise InvalidKey
        return True
