"""`Authorization: Bearer <access token>` -> the User, provisioned on first use."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from rest.errors import Forbidden, MissingToken
from users import services
from users.models import User
from users.oidc import read_claims, verify_access_token


class UserRequest(Request):
    """What a view gets whose permission is IsSignedIn: only the type is new."""

    user: User


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, dict[str, Any]] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _blank, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise MissingToken
        payload = verify_access_token(token.strip())
        user = services.signed_in_user(payload["sub"]) or services.provision_user(claims=read_claims(payload))
        if not user.is_active:
            raise Forbidden
        return user, payload

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
