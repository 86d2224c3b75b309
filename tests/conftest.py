"""What every test gets: no network beyond this machine, a clean cache, mails that stay here."""

import ipaddress
import socket
from typing import Any

import pytest
from django.core.cache import cache

from mailer import tasks


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the internet fails, whatever its code does with the error."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            pytest.fail(f"a test connected to {address}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Wake-ups of the sender, instead of a broker; a test that delivers calls mailer.send.deliver_due itself."""
    calls: list[None] = []
    monkeypatch.setattr(tasks, "wake", lambda: calls.append(None))
    return calls
