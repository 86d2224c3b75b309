"""A service that reports for devices that do not exist: all that it does goes over HTTP, as anybody else's would."""

import json
import math
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

TIMEOUT_SECONDS = 15
TTL_SECONDS = 60


class Refused(Exception):
    """The site did not take it; the message says why."""


@dataclass(frozen=True)
class Site:
    url: str
    token: str = ""

    def signed_in(self, client_id: str, secret: str) -> "Site":
        """With a token of the embedded identity provider."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        answer = self._ask("POST", "/oidc/token/", urlencode(form).encode(), "application/x-www-form-urlencoded")
        return Site(self.url, answer["access_token"])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        raw = None if body is None else json.dumps(body).encode()
        return self._ask(method, f"/v1/services/{path}", raw, "application/json")

    def _ask(self, method: str, path: str, body: bytes | None, kind: str) -> Any:
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        request = Request(self.url.rstrip("/") + path, body, headers, method=method)  # noqa: S310 - an address of staff
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=TIMEOUT_SECONDS) as answer:
                text = answer.read()
        except HTTPError as error:
            with error:
                raise Refused(f"{method} {path}: {error.code} {error.read(2000).decode(errors='replace')}") from None
        except (URLError, OSError) as error:
            raise Refused(f"{method} {path}: {error}") from None
        return json.loads(text) if text else None


@dataclass
class Simulation:
    """`sip` is an account's address; `room` is where people join and talk. What is None is left out."""

    site: Site
    owner: uuid.UUID
    room: uuid.UUID | None = None
    sip: str = ""
    tell: Callable[[str], None] = print
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def box(self) -> uuid.UUID:
        return uuid.uuid5(self.owner, "simulated box")

    @property
    def sensor(self) -> uuid.UUID:
        return uuid.uuid5(self.owner, "simulated sensor")

    def begin(self) -> None:
        for object_id, kind in ((self.box, "box"), (self.sensor, "sensor")):
            values = {"type": kind, "owner_id": str(self.owner), "description": f"Simulated {kind}"}
            self.site.call("PUT", f"objects/{object_id}", values)
            self.tell(f"{kind} {object_id} registered")
        if self.room:
            self.site.call("PUT", f"objects/{self.room}", {"type": "conference"})
        if self.sip:
            self._register(3600)

    def step(self, number: int, now_ms: int) -> None:
        """One round: a heartbeat, a sample, what the sensor was asked to do, and who is in the conference."""
        about = {"ip_addr": "192.0.2.13", "mac_addr": "00:24:d6:83:c1:54", "sw_version": "1.0", "hw_version": "X86"}
        self.site.call("POST", f"boxes/{self.box}/heartbeat", about)
        warmth = round(21 + 3 * math.sin(number / 5), 2)
        self.site.call("POST", f"sensors/{self.sensor}/data", {"samples": {str(now_ms): [warmth]}})
        for action in self.site.call("GET", f"sensors/{self.sensor}/actions"):
            self.site.call("POST", f"sensors/{self.sensor}/actions", {"action_id": action["action_id"]})
            self.tell(f"the sensor has done {action['values']}")
        if self.room:
            self._meet(number)
        self.tell(f"round {number}: {warmth} °C, {len(self.members)} in the conference")

    def end(self) -> None:
        """Everybody leaves, and nobody can be called any more; the box goes offline by itself."""
        if self.room:
            self.members = {}
            self._report()
        if self.sip:
            self._register(0)
        self.tell("ended")

    def _meet(self, number: int) -> None:
        """One joins in each round until there are three; then the first leaves. They talk in turn."""
        if len(self.members) == 3:
            self.members.pop(next(iter(self.members)))
        else:
            phone = f"+4930{number:06d}"
            self.members[str(uuid.uuid5(self.owner, phone))] = {"phone": phone}
        for place, member in enumerate(self.members.values()):
            member["talk"] = member["floor"] = place == number % len(self.members)
        self._report()

    def _report(self) -> None:
        self.site.call("PUT", f"conferences/{self.room}/members", {"members": self.members, "ttl": TTL_SECONDS})

    def _register(self, seconds: int) -> None:
        user, _at, domain = self.sip.partition("@")
        where = {"user": user, "domain": domain, "contact": "192.0.2.13:5060", "expires": seconds}
        self.site.call("POST", "sip/registrations", where)
        self.tell(f"{self.sip} {'registered' if seconds else 'no longer registered'}")


def rounds(most: int) -> Iterator[int]:
    """From 1 on; without end for 0."""
    number = 1
    while not most or number <= most:
        yield number
        number += 1
