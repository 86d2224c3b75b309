"""Clients that wait at the running site, on both databases: woken at once, all alike, and when the session ends."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import requests

from rest.live import IDLE_SECONDS
from tests.databases import KINDS, Database, fresh_database
from tests.integrations.cospace.client import Cospace
from tests.integrations.streams.listening import SECONDS, Server
from tests.site import wait_until

pytestmark = [pytest.mark.service, pytest.mark.slow]


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with fresh_database(request.param, tmp_path_factory.mktemp("database")) as made:
        yield made


@pytest.fixture(scope="module")
def server(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(database, tmp_path_factory.mktemp("server"))
    server.migrate()
    with server:
        yield server
    log = server.log.read_text()
    assert "Traceback" not in log, log
    assert "sid=" not in log, log


class Client(Cospace):
    """Of somebody new, whose settings change when it is told so."""

    def __init__(self, server: Server) -> None:
        super().__init__(f"http://127.0.0.1:{server.port}")
        name = f"a{uuid.uuid4().hex[:8]}"
        self.token = server.do("people", name)[name]
        self.signed_in(name)

    def change(self, title: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        requests.patch(f"{self.server}/v1/users/me", json={"title": title}, headers=headers, timeout=SECONDS)


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server)


class Waiting:
    """A long poll under way."""

    def __init__(self, client: Cospace, seconds: int = 60) -> None:
        self.answer: dict[str, Any] = {}
        self.client = client
        self.thread = threading.Thread(target=self._wait, args=(seconds,), daemon=True)
        self.thread.start()
        time.sleep(0.5)

    def _wait(self, seconds: int) -> None:
        self.answer = self.client.call("GET", "/api/event", query={"id": self.client.next, "timeout": seconds})

    def result(self) -> dict[str, Any]:
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()
        return self.answer


def test_clients_of_a_session_are_woken_and_told_the_same(client: Client) -> None:
    waiting = [Waiting(client) for _number in range(3)]
    client.change("Dr.")
    answers = [each.result() for each in waiting]
    assert [(event["id"], event["event"]) for event in answers[0]["event"]] == [(0, "user_modify")]
    assert answers[0] == answers[1] == answers[2]
    begun = time.monotonic()
    assert Waiting(client, seconds=0).result()["event"] == answers[0]["event"]
    client.events()
    assert client.events(timeout=1) == []
    assert time.monotonic() - begun < 10


def test_stream_goes_on_where_it_broke_and_ends_with_the_session(server: Server, client: Client) -> None:
    first = EventStream(server, client)
    client.change("Dr.")
    first.wait_for(1)
    first.close()
    for title in ("Prof.", "Prof. Dr."):
        client.change(title)
    second = EventStream(server, client, last="0")
    second.wait_for(2)
    assert [event["id"] for event in first.events + second.events] == [0, 1, 2]
    client.delete("/api/session")
    wait_until(lambda: second.has_ended, SECONDS, "the stream ends")
    second.connection.close()
    assert client.call("GET", "/api/event")["status"] == "no-session"


def test_state_comes_at_once_to_who_waits_already(client: Client) -> None:
    """Also where the session has asked for it before."""
    headers = {"Authorization": f"Bearer {client.token}"}
    made = requests.post(f"{client.server}/v1/rooms", json={}, headers=headers, timeout=SECONDS)
    client.events(timeout=10)
    for _time in range(2):
        waiting, begun = Waiting(client), time.monotonic()
        client.again().get(f"/api/conference/{made.json()['id']}/event")
        assert [event["event"] for event in waiting.result()["event"]] == ["conference_status"]
        assert time.monotonic() - begun < IDLE_SECONDS / 2
        client.events()


def test_who_waits_when_the_session_ends_is_told(client: Client) -> None:
    waiting = Waiting(client)
    client.again().delete("/api/session")
    assert waiting.result()["status"] == "no-session"


class EventStream:
    def __init__(self, server: Server, client: Cospace, last: str = "") -> None:
        self.events: list[dict[str, Any]] = []
        self.has_ended = False
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", f"/api/event?sid={client.sid}", headers=headers)
        self.answer = self.connection.getresponse()
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            while line := self.answer.readline().decode():
                if line.startswith("data: "):
                    self.events.append(json.loads(line[6:]))
        except (OSError, ValueError, AttributeError):
            pass
        self.has_ended = True
        self.answer.close()

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.events) >= count, SECONDS, f"{count} events come")

    def close(self) -> None:
        if self.connection.sock is not None:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(SECONDS)
        self.connection.close()
