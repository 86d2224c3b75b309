"""Databases for tests at real sockets: each of them runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import KINDS, Database, fresh_database
from tests.signaling.served import Meeting, Server, furnished


@pytest.fixture(scope="session", params=KINDS)
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with furnished(request.param, tmp_path_factory.mktemp("tables")) as made:
        yield made


@pytest.fixture
def database(tables: Database, tmp_path: Path) -> Iterator[Database]:
    """For a server of the test's own."""
    with fresh_database(kind_of(tables), tmp_path, template=tables) as made:
        yield made


@pytest.fixture(scope="module")
def server(tables: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For all tests of a file."""
    folder = tmp_path_factory.mktemp("server")
    with fresh_database(kind_of(tables), folder, template=tables) as database, Server(database, folder) as made:
        yield made


@pytest.fixture
def meeting(server: Server) -> Meeting:
    return Meeting(server)


def kind_of(database: Database) -> str:
    return "sqlite" if database.url.startswith("sqlite") else "postgresql"
