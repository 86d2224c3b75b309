"""A receiver of callbacks on this machine, which the operator allows."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_server import LocalServer, Reply


@pytest.fixture
def allowed(settings: Any) -> Any:
    """Callbacks may go to servers on this machine; each test adds the ports that they have."""
    settings.CALLBACK_ALLOW_HTTP = True
    settings.CALLBACK_ALLOWED_PORTS = []
    settings.CALLBACK_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    return settings


@pytest.fixture
def receiver(allowed: Any) -> Iterator[LocalServer]:
    """Takes everything, until it is told otherwise."""
    with LocalServer() as server:
        allowed.CALLBACK_ALLOWED_PORTS.append(server.port)
        server.otherwise = lambda _asked: Reply(b"thank you")
        yield server
