"""Somebody with a browser: signs in through the login form (authorization code + PKCE), then calls the API."""

import base64
import hashlib
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPMessage
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes
    url: str

    def json(self) -> Any:
        return json.loads(self.body)


class _Form(HTMLParser):
    """The fields of the page's form that asks for a password, and where it goes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.action, self.fields = next(form for form in self.forms if "password" in form[1])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((values.get("action", ""), {}))
        if tag == "input":
            self.forms[-1][1][values["name"]] = values.get("value", "")


class _NotTo(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but for those to the program that wants somebody signed in."""

    def __init__(self, callback: str) -> None:
        self.callback = callback

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if newurl.startswith(self.callback):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Person:
    def __init__(self, site_url: str) -> None:
        self.site_url = site_url
        self.callback = f"{site_url}/auth/callback"
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(), _NotTo(self.callback)
        )
        self.token = ""

    def sign_in(self, username: str, password: str) -> "Person":
        issuer = self.get("/v1/auth/login").json()["oidc"]["url"]
        provider = self.get(f"{issuer}/.well-known/openid-configuration").json()
        verifier = secrets.token_urlsafe(48)
        page = self.get(provider["authorization_endpoint"], **self._question(verifier))
        assert page.status == 200, page.url
        code = self._send_form(page, username, password)
        fields = {
            "grant_type": "authorization_code",
            "client_id": "Frontend",
            "code": code,
            "redirect_uri": self.callback,
            "code_verifier": verifier,
        }
        answer = self._open("POST", provider["token_endpoint"], urllib.parse.urlencode(fields).encode())
        assert answer.status == 200, answer.body
        self.token = answer.json()["access_token"]
        return self

    def _question(self, verifier: str) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        return {
            "response_type": "code",
            "client_id": "Frontend",
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": "here",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }

    def _send_form(self, page: Answer, username: str, password: str) -> str:
        form = _Form(page.body.decode())
        fields = form.fields | {"username": username, "password": password}
        target = urllib.parse.urljoin(page.url, form.action)
        answer = self._open("POST", target, urllib.parse.urlencode(fields).encode())
        assert answer.status == 302, answer.body
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
        assert query["state"] == "here"
        return query["code"]

    def get(self, path: str, **query: str) -> Answer:
        suffix = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self._open("GET", path + suffix)

    def post(self, path: str, body: Any) -> Answer:
        return self._json("POST", path, body)

    def patch(self, path: str, body: Any) -> Answer:
        return self._json("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        return self._open("DELETE", path)

    def _json(self, method: str, path: str, body: Any) -> Answer:
        return self._open(method, path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _open(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        url = urllib.parse.urljoin(self.site_url, path)
        request = urllib.request.Request(url, body, headers or {}, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with self.opener.open(request, timeout=20) as answer:
                return Answer(answer.status, answer.headers, answer.read(), answer.url)
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, answer.headers, answer.read(), answer.url or url)
