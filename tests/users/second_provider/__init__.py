"""A second, independent identity provider: npm's oidc-provider, in a process of its own."""

import fcntl
import http.cookiejar
import json
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from tests import services
from tests.smtp_sink import free_port
from tests.users.relying_party import CHALLENGE, REDIRECT_URI, VERIFIER

FOLDER = Path(__file__).parent
INSTALL_SECONDS = 120


def need_packages() -> None:
    """Installs them when they are missing, at the versions and hashes of package-lock.json."""
    services.need_node()
    # Several workers run the suite: one installs, the others wait.
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "node_modules" / ".package-lock.json").exists():  # npm writes it last
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=INSTALL_SECONDS)


class SecondProvider:
    def __init__(self, logout_uri: str, port: int = 0, site: str = "http://127.0.0.1:8000") -> None:
        self.port = port or free_port()
        self.site = site
        self.url = f"http://127.0.0.1:{self.port}"
        self.logout_uri = logout_uri

    def __enter__(self) -> Self:
        command = ["node", "server.mjs", str(self.port), self.logout_uri, self.site]
        self.process = subprocess.Popen(
            command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_error: Any) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


class Person:
    """Somebody at the browser, with the frontend's script in it."""

    def __init__(self, provider: SecondProvider, name: str) -> None:
        self.provider, self.name = provider, name
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(cookies, _StayHere)

    def open(self, url: str, **form: str) -> tuple[int, str, str]:
        """Status, address of a redirect, body."""
        try:
            answer = self.browser.open(url, urlencode(form).encode() if form else None, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, urljoin(url, answer.headers.get("Location", "")), answer.read().decode()

    def sign_in(self) -> dict[str, Any]:
        """The tokens, after the login page and the consent page."""
        query = {"response_type": "code", "client_id": "Frontend", "redirect_uri": REDIRECT_URI}
        query |= {"scope": "openid profile email", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        url = self.approve(f"{self.provider.url}/auth?{urlencode(query)}", REDIRECT_URI)
        (code,) = parse_qs(urlsplit(url).query)["code"]
        return self._token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI, code_verifier=VERIFIER
        )

    def approve(self, url: str, return_to: str) -> str:
        """The client's address that the browser is sent to in the end."""
        while not url.startswith(return_to):
            status, location, page = self.open(url)
            if status == 200:  # the login page, then the consent page
                status, location, page = self.open(url, **self._fields(page))
            assert status == 303, page
            url = location
        return url

    def refresh(self, tokens: dict[str, Any]) -> dict[str, Any]:
        return self._token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    def sign_out(self, tokens: dict[str, Any]) -> None:
        self.confirm(f"{self.provider.url}/session/end?{urlencode({'id_token_hint': tokens['id_token']})}")

    def confirm(self, url: str) -> str:
        """Where the page at this address, which asks whether to sign out, leads to."""
        _status, _url, page = self.open(url)
        fields = dict(re.findall(r'name="(xsrf)" value="([^"]+)"', page))
        status, location, page = self.open(f"{self.provider.url}/session/end/confirm", logout="yes", **fields)
        assert status == 303, page
        return location

    def _fields(self, page: str) -> dict[str, str]:
        (prompt,) = re.findall(r'name="prompt" value="(\w+)"', page)
        return {"prompt": prompt} | ({"login": self.name, "password": "any"} if prompt == "login" else {})

    def _token(self, **form: str) -> dict[str, Any]:
        status, _url, body = self.open(f"{self.provider.url}/token", client_id="Frontend", **form)
        assert status == 200, body
        return dict(json.loads(body))
