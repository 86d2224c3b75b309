"""Nothing is sent to an address inside, whatever was stored and whatever a name server says meanwhile."""

import socket
from typing import Any

import pytest

from integrations.deliveries.post import Post, send
from tests.integrations.deliveries.test_guard import INSIDE
from tests.local_server import LocalServer

PUBLIC = "93.184.215.14"


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom somebody tried to reach."""
    calls: list[str] = []

    def connect(_self: socket.socket, address: Any) -> None:
        calls.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return calls


def resolves(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The name server's answers, one after the other, the last one again and again; what was asked is returned."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int | None, *args: Any, **how: Any) -> list[Any]:
        if how.get("flags", 0) & socket.AI_NUMERICHOST:
            raise socket.gaierror
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_no_spelling_of_an_inner_address_is_reached(connected: list[str]) -> None:
    results = [send(Post(f"https://{host}/callback", b"{}")) for host in INSIDE]
    assert all(result.error and result.status is None for result in results)
    assert connected == []


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["0.0.0.0"], [PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC]],
)
def test_name_that_leads_inside_is_refused(
    connected: list[str], monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolves(monkeypatch, addresses)
    assert "not on the public internet" in send(Post("https://evil.example/", b"{}")).error
    assert connected == []


def test_name_that_changes_its_address_does_not_help(connected: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked once: what was checked is what is connected to. The next attempt checks anew."""
    asked = resolves(monkeypatch, [PUBLIC], ["127.0.0.1"])
    assert "ConnectionRefusedError" in send(Post("https://evil.example/", b"{}")).error
    assert (asked, connected) == (["evil.example"], [PUBLIC])
    assert "not on the public internet" in send(Post("https://evil.example/", b"{}")).error
    assert connected == [PUBLIC]


def test_what_was_allowed_when_it_was_stored_is_asked_again(receiver: LocalServer, settings: Any) -> None:
    assert send(Post(f"{receiver.url}/", b"{}")).is_success
    settings.CALLBACK_ALLOW_HTTP = False
    assert "https://" in send(Post(f"{receiver.url}/", b"{}")).error
    assert len(receiver.asked) == 1


def test_proxy_of_the_environment_is_not_asked(receiver: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(Post(f"{receiver.url}/", b"{}")).is_success
