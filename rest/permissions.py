"""Who may call an operation at all; which objects the caller reaches is decided by each app's access.py."""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from rest.errors import MissingToken, Unauthorized


class IsSignedIn(BasePermission):
    """A person with a valid access token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            raise MissingToken
        return True


class IsSignedInOrGuest(BasePermission):
    """A person with a valid access token, or a guest with a valid code where the view's authentication takes one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            raise MissingToken
        return True


class HasRole(BasePermission):
    """A service whose token names the role; to be subclassed for each."""

    role: ClassVar[str]

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user.is_authenticated:
            raise MissingToken
        if self.role not in request.user.roles:
            # Roles stand in the token: after the operator has given the role, a fresh one helps.
            raise Unauthorized
        return True
