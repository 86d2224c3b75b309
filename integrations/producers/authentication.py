"""Which services may report: their tokens have roles like produce:sensor, and staff gave them a tenant."""

from typing import Any

from rest_framework.permissions import BasePermission

from integrations.producers.envelopes import ALL
from integrations.producers.models import Producer
from rest.errors import Forbidden, MissingToken, Unauthorized
from users.authentication import ServiceRequest

PREFIX = "produce:"


class NoProducer(Forbidden):
    code = "no_producer"
    default_detail = "The service belongs to no tenant: staff enter it in the admin, under producers"


class IsProducer(BasePermission):
    """A service with one of the roles; with that of `view.scope` where the view has one."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.is_authenticated:
            raise MissingToken
        scope = getattr(view, "scope", "")
        wanted = {ALL, PREFIX + scope} if scope else {role for role in request.user.roles if role.startswith(PREFIX)}
        if not wanted & request.user.roles:
            # Roles stand in the token: after the operator has given the role, a fresh one helps.
            raise Unauthorized
        return True


def producer_of(request: ServiceRequest) -> Producer:
    """Raises NoProducer."""
    found = Producer.objects.select_related("tenant").filter(name=request.user.name, disabled_since=None).first()
    if found is None:
        raise NoProducer
    return found
