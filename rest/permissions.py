"""Who may call an operation at all; which objects he reaches is decided by each app's access.py."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from rest.errors import MissingToken


class IsSignedIn(BasePermission):
    """A person with a valid access token."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            raise MissingToken
        return True
