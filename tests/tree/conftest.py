"""Databases for tests on the real process tree: each of them runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, Database, fresh_database
from tests.smtp_sink import SmtpSink


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with fresh_database(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as server:
        yield server
