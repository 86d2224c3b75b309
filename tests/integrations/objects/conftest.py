"""Where uploads are kept in these tests: a folder, or S3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.rooms.conftest import Files, keep_files_at, s3_url
from tests.s3_server import S3Server
from users.models import User


class Uploads(Files):
    def names(self) -> list[str]:
        return sorted(self._below("objects"))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def disk(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Uploads:
    keep_files_at((tmp_path / "files").as_uri(), settings, monkeypatch)
    return Uploads()


@pytest.fixture
def s3(s3_server: S3Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    keep_files_at(s3_url(s3_server.url, s3_server.new_bucket()), settings, monkeypatch)
    return Uploads()


@pytest.fixture
def people(db: None) -> tuple[User, User, User]:
    """The owner, who reads by a tag, and a stranger."""
    alice, bob, carol = factories.users("alice", "bob", "carol")
    return alice, bob, carol
