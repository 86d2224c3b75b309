"""api/session: begin one, sign in to it, end it."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.cospace import sessions
from integrations.cospace.authentication import COOKIE, HasSession, SessionRequest
from integrations.cospace.dialect import CospaceView, Json
from rest.client import client_address
from rest.errors import field_error
from users.authentication import user_of
from users.models import User
from users.password_sign_in import user_with_password


class SignIn(serializers.Serializer[Any]):
    """Name or address and password, or an access token of the identity provider."""

    username = serializers.CharField(max_length=255, required=False)
    email = serializers.CharField(max_length=255, required=False)
    password = serializers.CharField(max_length=4096, required=False, trim_whitespace=False)
    access_token = serializers.CharField(max_length=20_000, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "access_token" in attrs:
            return attrs
        if "username" not in attrs and "email" not in attrs:
            raise field_error("username", "required", "This field is required, or email, or access_token.")
        if "password" not in attrs:
            raise field_error("password", "required", "This field is required.")
        return attrs


class SessionView(CospaceView):
    def get_permissions(self) -> list[Any]:
        return [] if self.request.method == "GET" else [HasSession()]

    def get_authenticators(self) -> list[Any]:
        # Whoever begins one has none, or one that has ended.
        is_beginning = self.request is not None and self.request.method == "GET"
        return [] if is_beginning else super().get_authenticators()

    def get(self, request: Request) -> Response:
        """Always another one: a sid that somebody else put into the client opens nothing."""
        _session, sid = sessions.begin(
            origin=request.headers.get("Origin", ""),
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", ""),
        )
        response = Response({"status": "ok", "sid": sid, "server": settings.BASE_URL})
        response.set_cookie(COOKIE, sid, path="/api", secure=settings.IS_HTTPS, httponly=True, samesite="Lax")
        return response

    def post(self, request: SessionRequest) -> Json:
        """Raises WrongCredentials, TooManyRequests, Forbidden, and for tokens what `user_of` raises."""
        values = self.body(SignIn)
        sessions.sign_in(session=request.auth, user=_person(values, client_address(request)))
        return {}

    def delete(self, request: SessionRequest) -> Response:
        sessions.end(session=request.auth)
        response = Response({"status": "ok"})
        response.delete_cookie(COOKIE, path="/api", samesite="Lax")
        return response


def _person(values: dict[str, Any], address: str) -> User:
    if "access_token" in values:
        return user_of(values["access_token"])[0]
    name = values.get("username") or values["email"]
    return user_with_password(name=name, password=values["password"], address=address)
