"""A file service for the tests of shared folders."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.events.nextcloud import NextcloudServer


@pytest.fixture
def cloud(settings: Any) -> Iterator[NextcloudServer]:
    with NextcloudServer() as server:
        for name, value in server.settings().items():
            setattr(settings, name, value)
        yield server
