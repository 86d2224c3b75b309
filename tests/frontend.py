"""The web frontend as the site sees it: a script of another origin, whose browser asks beforehand."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.test import Client as Browser

from tests.api import check_against_document
from tests.factories import PASSWORD
from tests.users.relying_party import unverified

ORIGIN = "https://meet.example.com"
CALLBACK = f"{ORIGIN}/auth/callback"
PLAIN_TYPES = {"application/x-www-form-urlencoded", "text/plain"}


class Frontend:
    """One tab. `tokens` are those of who is signed in; guests have none."""

    def __init__(self) -> None:
        self.browser = Browser()
        self.tokens: dict[str, str] = {}

    def sign_in(self, username: str) -> None:
        """Authorization code with PKCE, without state and nonce; then the ID token goes to the controller."""
        issuer = self.call("GET", "/v1/auth/login").json()["oidc"]["url"]
        configuration = self.call("GET", f"{_path(issuer)}/.well-known/openid-configuration").json()
        verifier = "v" * 64
        digest = hashlib.sha256(verifier.encode()).digest()
        question = {
            "response_type": "code",
            "client_id": "Frontend",
            "redirect_uri": CALLBACK,
            "scope": "openid profile email",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        login_page = self.browser.get(_path(configuration["authorization_endpoint"]), question)
        page = self.browser.get(login_page.url)
        form = {"username": username, "password": PASSWORD, "next": page.context["next"]}
        answer = self.browser.get(self.browser.post("/login/", form).url)
        assert answer.url.startswith(f"{CALLBACK}?"), answer.url
        code = parse_qs(urlsplit(answer.url).query)["code"][0]
        self._fetch_tokens(
            configuration, "authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier
        )

    def refresh(self) -> None:
        configuration = self.call("GET", "/oidc/.well-known/openid-configuration").json()
        self._fetch_tokens(configuration, "refresh_token", refresh_token=self.tokens["refresh_token"])

    def sign_out(self) -> HttpResponse:
        """A way of the whole tab, back to the dashboard."""
        question = {
            "client_id": "Frontend",
            "id_token_hint": self.tokens["id_token"],
            "post_logout_redirect_uri": f"{ORIGIN}/dashboard",
        }
        return self.browser.get("/oidc/logout/", question)

    def _fetch_tokens(self, configuration: dict[str, Any], grant_type: str, **fields: str) -> None:
        form = {"grant_type": grant_type, "client_id": "Frontend", **fields}
        answer = Browser().post(_path(configuration["token_endpoint"]), form, headers={"Origin": ORIGIN})
        assert answer.status_code == 200, answer.content
        assert answer["Access-Control-Allow-Origin"] == "*"
        self.tokens = answer.json()
        for name in ("access_token", "refresh_token"):
            assert unverified(self.tokens[name])["exp"], "the app reads when both end"
        self.call("POST", "/v1/auth/login", {"id_token": self.tokens["id_token"]}, authorization="")

    def call(
        self, method: str, path: str, body: Any = None, *, authorization: str | None = None, accept: str = "*/*"
    ) -> HttpResponse:
        """`authorization` replaces the access token; "" leaves the header out."""
        if authorization is None:
            authorization = f"Bearer {self.tokens['access_token']}" if self.tokens else ""
        headers = {"Accept": accept} | ({"Authorization": authorization} if authorization else {})
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        self._ask_beforehand(method, path, bool(authorization), sent.get("content_type", ""))
        answer = Browser().generic(method, path, headers=headers | {"Origin": ORIGIN}, **sent)
        assert answer["Access-Control-Allow-Origin"] == "*", f"the app cannot read {method} {path}"
        check_against_document(method, path, answer)
        return answer

    def _ask_beforehand(self, method: str, path: str, is_signed: bool, content_type: str) -> None:
        """The preflight of everything that an HTML form could not send (Fetch standard)."""
        named = ["authorization"] if is_signed else []
        named += ["content-type"] if content_type and content_type not in PLAIN_TYPES else []
        if not named and method in {"GET", "POST"}:
            return
        asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": ",".join(named)}
        answer = Browser().options(path, headers=asked | {"Origin": ORIGIN})
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
        assert method in answer["Access-Control-Allow-Methods"].split(", ")
        assert {*named} <= {*answer["Access-Control-Allow-Headers"].split(", ")}
        assert int(answer["Access-Control-Max-Age"]) > 0, "each URL is asked for again and again"


def _path(url: str) -> str:
    """The test's browser knows one host."""
    return urlsplit(url).path
