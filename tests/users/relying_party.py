"""A web frontend as the provider sees it: signs people in through the login page, swaps codes, refreshes tokens."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from django.test import Client as Browser

from tests.factories import PASSWORD, user
from users.models import Client, User

REDIRECT_URI = "http://127.0.0.1:8000/auth/callback"
AFTER_LOGOUT = "http://127.0.0.1:8000/dashboard"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


def make_person(username: str = "alice", **fields: Any) -> User:
    """An account that never used the API and chose nothing yet."""
    blank = {"first_name": "Alice", "last_name": "Adams", "display_name": ""}
    return user(username, registered=False, **blank | fields)


def make_service(secret: str, *roles: str, name: str = "recorder") -> Client:
    return Client.objects.create(
        client_id=name,
        client_secret=secret,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        algorithm=Client.RS256_ALGORITHM,
        roles=list(roles),
    )


class RelyingParty:
    """One browser with the frontend in it."""

    def __init__(self) -> None:
        self.browser = Browser()

    def authorize(self, **parameters: str | None) -> Any:
        query = {
            "response_type": "code",
            "client_id": "Frontend",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile email",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | parameters
        query = {name: value for name, value in query.items() if value is not None}
        return self.browser.get("/oidc/authorize/", query)

    def submit_login(self, page_url: str, username: str, password: str) -> Any:
        page = self.browser.get(page_url)
        fields = {"username": username, "password": password, "next": page.context["next"]}
        return self.browser.post("/login/", fields)

    def code(self, username: str = "alice", password: str = PASSWORD) -> str:
        answer = self.authorize()
        if answer.url.startswith("/login/"):
            answer = self.browser.get(self.submit_login(answer.url, username, password).url)
        return answer_parameters(answer)["code"]

    def exchange(self, code: str, **parameters: str) -> Any:
        fields = {"code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER} | parameters
        return self.token("authorization_code", **fields)

    def refresh(self, refresh_token: str) -> Any:
        return self.token("refresh_token", refresh_token=refresh_token)

    def token(self, grant_type: str, **fields: str) -> Any:
        # Another site's script calls this: no cookie goes with it.
        fields = {"grant_type": grant_type, "client_id": "Frontend"} | fields
        return Browser().post("/oidc/token/", fields, headers={"Origin": "https://meet.example.com"})

    def sign_in(self, username: str = "alice") -> dict[str, Any]:
        answer = self.exchange(self.code(username))
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def logout(self, **parameters: str) -> Any:
        return self.browser.get("/oidc/logout/", parameters)

    @property
    def is_signed_in(self) -> bool:
        return "_auth_user_id" in self.browser.session


def answer_parameters(answer: Any) -> dict[str, str]:
    assert answer.url.startswith(REDIRECT_URI + "?"), answer.url
    return dict(parse_qsl(urlsplit(answer.url).query))


def read(token: str, audience: str) -> dict[str, Any]:
    """The claims of a token, verified as any program does: with the key that the provider publishes."""
    keys = Browser().get("/oidc/.well-known/jwks.json").json()["keys"]
    key_id = jwt.get_unverified_header(token)["kid"]
    key = jwt.PyJWK(next(key for key in keys if key["kid"] == key_id))
    return dict(jwt.decode(token, key, ["RS256"], audience=audience, issuer="http://127.0.0.1:8000/oidc"))


def unverified(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))
