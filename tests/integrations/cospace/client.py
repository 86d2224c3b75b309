"""A client of cospace, written from the seed alone: it knows sessions, statuses and events, and nothing of our code.

    pytestmark = STREAMS

    client = Cospace().signed_in("alice")
    client.post("/api/tag", {"label": "Work"})
    assert client.names() == ["tag_new"]

Every answer is HTTP 200 with a `status`; every event is held against the schema of its name (schemas.py), and the ids
must follow each other from 0.
"""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from django.db import connection
from django.test import Client as Browser

from activity.models import Activity
from activity.reader import settled
from tests.factories import PASSWORD
from tests.integrations.cospace.schemas import check
from tests.site import wait_until

Json = dict[str, Any]

# For tests that read streams: PostgreSQL's readers of the log wait for the end of the transaction that other tests run
# in.
STREAMS = pytest.mark.django_db(transaction=connection.vendor == "postgresql")


class Cospace:
    """`server` is the address of a running one; without it the calls go to Django's test client."""

    def __init__(self, server: str = "", *, sid: str = "") -> None:
        self.server = server
        self.sid = sid
        self.next = 0  # the id of the first event that it has not seen

    def begin(self) -> "Cospace":
        self.sid, self.next = self.get("/api/session")["sid"], 0
        return self

    def signed_in(self, username: str, password: str = PASSWORD) -> "Cospace":
        """When the log has settled: what is beside a transaction that still runs would be told to the new session."""
        self.settle()
        self.begin().post("/api/session", {"username": username, "password": password})
        return self

    def settle(self) -> None:
        if connection.vendor == "postgresql" and not self.server and not connection.in_atomic_block:
            wait_until(_all_is_settled, 300, "transactions of other tests are over")

    def again(self) -> "Cospace":
        """Another client of the same session."""
        return Cospace(self.server, sid=self.sid)

    def get(self, path: str, **query: Any) -> Json:
        return self.ok("GET", path, query=query)

    def post(self, path: str, body: Any = None, **query: Any) -> Json:
        return self.ok("POST", path, body, query=query)

    def put(self, path: str, body: Any = None, **query: Any) -> Json:
        return self.ok("PUT", path, body, query=query)

    def delete(self, path: str, body: Any = None, **query: Any) -> Json:
        return self.ok("DELETE", path, body, query=query)

    def ok(self, method: str, path: str, body: Any = None, *, query: Json | None = None) -> Json:
        answer = self.call(method, path, body, query=query)
        assert answer["status"] == "ok", answer
        return answer

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> Json:
        """Whatever the status is. A body of bytes is sent as it is."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = ({"Authorization": f"Bearer {self.sid}"} if self.sid else {}) | (headers or {})
        target = f"{path}?{urlencode(query)}" if query else path
        status, text = self._exchange(method, target, data, sent)
        assert status == 200, (status, text)
        answer: Json = json.loads(text)
        assert isinstance(answer["status"], str), answer
        assert answer["status"] == "ok" or isinstance(answer["message"], str), answer
        return answer

    def _exchange(self, method: str, target: str, data: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self.server:
            found = requests.request(method, self.server + target, data=data, headers=headers, timeout=90)
            return found.status_code, found.content
        answer = Browser().generic(method, target, data, headers=headers)
        return answer.status_code, b"".join(answer) if answer.streaming else answer.content

    def events(self, *, timeout: int = 0, count: int = 500) -> list[Json]:
        """Those that it has not seen. None may be missing between the last one seen and the first of these."""
        self.settle()
        answer = self.get("/api/event", id=self.next, timeout=timeout, count=count)
        for event in answer["event"]:
            assert event["id"] == self.next, (event, self.next)
            check(event)
            self.next += 1
        return list(answer["event"])

    def names(self, **how: Any) -> list[str]:
        return [event["event"] for event in self.events(**how)]

    def told(self, name: str, **how: Any) -> list[Json]:
        """The payloads of the new events with this name, without what all events have."""
        skeleton = {"id", "event", "time"}
        found = (event for event in self.events(**how) if event["event"] == name)
        return [{key: value for key, value in event.items() if key not in skeleton} for event in found]


def _all_is_settled() -> bool:
    return settled().count() == Activity.objects.count()
