"""What every test gets: no network beyond this machine, a clean cache, mails that stay here."""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from mailer import tasks
from operations.translations import compile_messages
from tests import services


def pytest_configure() -> None:
    """German mails are tested in a fresh checkout too."""
    compile_messages([Path(__file__).parent.parent / "locale"])


def pytest_sessionstart() -> None:
    wants_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    if wants_postgresql and not services.postgresql_answers():
        pytest.exit("skipped: PostgreSQL does not answer", returncode=1 if services.is_ci() else 0)


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


@pytest.fixture
def postgresql(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("DATABASE_URL names no PostgreSQL")
