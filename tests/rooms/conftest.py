"""Where files are kept in tests: on the disk and in S3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage

from opentalk_site import env
from tests.circle import Circle
from tests.s3_server import KEY, SECRET, S3Server


class Files:
    """What the storage holds, past all that our code does with it."""

    def names(self) -> list[str]:
        return sorted(self._below("assets"))

    def _below(self, folder: str) -> Iterator[str]:
        try:
            folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            return
        yield from (f"{folder}/{name}" for name in names)
        for inner in folders:
            yield from self._below(f"{folder}/{inner}")

    def contents(self) -> list[bytes]:
        found = []
        for name in self.names():
            with default_storage.open(name) as file:
                found.append(file.read())
        return found


def keep_files_at(url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setenv("FILES_URL", url)
    settings.STORAGES = settings.STORAGES | {"default": env.storage("FILES_URL", "")}
    return Files()


def s3_url(server: str, bucket: str) -> str:
    return f"s3://{KEY}:{quote(SECRET, safe='')}@{server.removeprefix('http://')}/{bucket}?tls=false&region=us-east-1"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def disk(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Files:
    return keep_files_at((tmp_path / "files").as_uri(), settings, monkeypatch)


@pytest.fixture
def s3(s3_server: S3Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Files:
    return keep_files_at(s3_url(s3_server.url, s3_server.new_bucket()), settings, monkeypatch)


# What holds on the disk and in S3; of the latter `make test` has a sample, in test_download_asset.py.
@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.slow)])
def files(request: pytest.FixtureRequest) -> Files:
    return request.getfixturevalue(request.param)


@pytest.fixture
def circle(db: None) -> Circle:
    return Circle()
