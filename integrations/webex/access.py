"""Who reads the log here: staff with the right to, by a program whose token has the scope for it."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission

from rest.errors import Forbidden, MissingToken
from users.models import User
from users.provider.scopes import EVENTS_READ, names_in

PERMISSION = "activity.view_compliance"


class MissingScope(Forbidden):
    default_detail = f"The access token lacks the scope {EVENTS_READ}"


class NotCompliance(Forbidden):
    default_detail = "Only compliance officers may do this: staff with the right to read the log by the Webex API"


class IsComplianceOfficer(BasePermission):
    """A person with the right, and a token with the scope. Another scope than that of the events: a subclass."""

    scope: ClassVar[str] = EVENTS_READ

    def has_permission(self, request: Any, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            raise MissingToken
        if self.scope not in names_in(request.auth.get("scope")):
            raise MissingScope(f"The access token lacks the scope {self.scope}")
        if not is_officer(request.user):
            raise NotCompliance
        return True


def is_officer(user: User) -> bool:
    return user.is_active and user.is_staff and user.has_perm(PERMISSION)
