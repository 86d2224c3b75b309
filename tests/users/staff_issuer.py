"""An identity provider at which staff sign in: it gives codes, and holds the site to what a client must do."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import jwt
from django.test import Client as Browser

from tests.local_server import Asked, Reply
from tests.users.issuer import Issuer, rsa_key

CLIENT, SECRET = "staff of meet", "s3cret:&+%"
RETURN = "/login/provider/return/"


class StaffIssuer(Issuer):
    """`claims_of_all` are in each ID token; None takes one away."""

    def __init__(self) -> None:
        super().__init__()
        self.metadata |= {
            "authorization_endpoint": self.url + "/authorize",
            "token_endpoint": self.url + "/token",
            "end_session_endpoint": self.url + "/end?theme=dark",
            "authorization_response_iss_parameter_supported": True,
        }
        self.claims_of_all: dict[str, Any] = {}
        self.is_taking_posted_secrets = False
        self.key = "first"
        self._codes: dict[str, tuple[dict[str, str], str]] = {}
        self.on("/token", self._token)

    def approve(self, url: str, sub: str = "boss", **answer: str | None) -> str:
        """The site's address that a browser is sent to, once somebody has signed in on the page at this one."""
        assert url.startswith(self.url + "/authorize?"), url
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert len(query["nonce"]) >= 43
        code = secrets.token_urlsafe(8)
        self._codes[code] = (query, sub)
        given = {"code": code, "state": query["state"], "iss": self.url} | answer
        return f"{RETURN}?{urlencode({name: value for name, value in given.items() if value is not None})}"

    def _token(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if self._secret(asked, form) != (CLIENT, SECRET):
            return Reply({"error": "invalid_client"}, status=401)
        query, sub = self._codes.pop(form["code"], ({}, ""))
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        is_right = digest == query.get("code_challenge") and form["redirect_uri"] == query.get("redirect_uri")
        if form["grant_type"] != "authorization_code" or not is_right:
            return Reply({"error": "invalid_grant"}, status=400)
        claims = self.claims(sub=sub, aud=CLIENT, nonce=query["nonce"], **self.claims_of_all)
        token = jwt.encode(claims, rsa_key(self.key), "RS256", {"kid": "first"})
        return Reply({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    def _secret(self, asked: Asked, form: dict[str, str]) -> tuple[str, str]:
        if self.is_taking_posted_secrets:
            return form.get("client_id", ""), form.get("client_secret", "")
        assert "client_secret" not in form
        name, _colon, secret = base64.b64decode(asked.headers["Authorization"].split()[1]).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)


class Window:
    """A browser's."""

    def __init__(self, issuer: StaffIssuer, **browser: Any) -> None:
        self.issuer = issuer
        self.browser = Browser(**browser)

    def begin(self, onward: str = "/admin/users/user/", **query: str) -> str:
        answer = self.browser.get("/login/provider/", {"next": onward} | query)
        assert answer.status_code == 302, answer.content
        return str(answer.url)

    def sign_in(self, sub: str = "boss", **answer: str | None) -> Any:
        return self.browser.get(self.issuer.approve(self.begin(), sub, **answer))

    @property
    def is_in(self) -> bool:
        return self.browser.get("/admin/users/user/").status_code == 200


def told(answer: Any, status: int, title: str) -> str:
    """What a page of refusal says."""
    html = str(answer.content.decode())
    assert (answer.status_code, f"<h1>{title}</h1>" in html) == (status, True), html
    assert "max-age=0" in answer["Cache-Control"]
    return html
