"""Files go out piece by piece: none is ever in memory, and nobody's pace but the client's decides when one is read."""

import asyncio
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from activity.actors import Actor
from opentalk_site.asgi import application
from rooms import storage
from rooms.assets.services import create_asset
from rooms.models import Asset
from tests.api import Api, token
from tests.circle import Circle
from tests.rooms.assets import Source, asset, download, path_of
from tests.rooms.conftest import Files

pytestmark = pytest.mark.django_db

TEN = b"0123456789"


@pytest.fixture
def film(circle: Circle) -> Asset:
    """Ten bytes in alice's room."""
    return asset(circle.event.room, TEN)


def test_download_is_never_in_memory(files: Files, circle: Circle) -> None:
    size = 32 * 1024 * 1024
    room = circle.event.room
    values = {"actor": Actor.by_api(circle.alice), "kind": "recording", "file_extension": "webm"}
    big = create_asset(room=room, source=Source(size, piece=size), size=size, **values)
    download(circle.bob, path_of(asset(room)))  # what is imported and made once
    tracemalloc.start()
    try:
        taken = sum(len(piece) for piece in Api(circle.bob).get(path_of(big)).streaming_content)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken == size
    assert most < 8 * 1024 * 1024


class Counted:
    """A file that counts how often it is read, and knows whether it was closed."""

    def __init__(self, file: Any) -> None:
        self.file, self.reads, self.is_closed = file, 0, False

    def read(self, size: int) -> bytes:
        self.reads += 1
        return self.file.read(size)

    def close(self) -> None:
        self.is_closed = True
        self.file.close()


@pytest.fixture
def counted(disk: Files, monkeypatch: pytest.MonkeyPatch) -> list[Counted]:
    opened: list[Counted] = []
    open_range = storage.DiskStorage.open_range

    def wrapped(*arguments: Any) -> Counted:
        opened.append(Counted(open_range(*arguments)))
        return opened[-1]

    monkeypatch.setattr(storage.DiskStorage, "open_range", wrapped)
    monkeypatch.setattr(storage, "PIECE", 3)
    return opened


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """What begins and ends a request would close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("asked", ["", "bytes=1-7"])
def test_asgi_sends_each_piece_before_it_reads_the_next(
    counted: list[Counted], circle: Circle, film: Asset, asked: str
) -> None:
    """The one web process of the default run is ASGI."""
    sent: list[tuple[bytes, int]] = []
    headers = {"authorization": f"Bearer {token(circle.bob)}", "host": "127.0.0.1", "range": asked}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path_of(film), "raw_path": path_of(film).encode(), "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asked_for = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(asked_for, None) or await asyncio.get_running_loop().create_future()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == (206 if asked else 200)
        elif message.get("body"):
            sent.append((message["body"], counted[0].reads))

    async_to_sync(application)(scope, receive, send)
    wanted = TEN[1:8] if asked else TEN
    pieces = [wanted[start : start + 3] for start in range(0, len(wanted), 3)]
    assert sent == [(piece, number) for number, piece in enumerate(pieces, 1)]
    assert counted[0].is_closed


@pytest.mark.usefixtures("_one_connection")
def test_wsgi_reads_no_piece_before_it_is_wanted(counted: list[Counted], circle: Circle, film: Asset) -> None:
    answer = Api(circle.bob).get(path_of(film))
    pieces = iter(answer.streaming_content)
    assert (next(pieces), counted[0].reads) == (b"012", 1)
    answer.close()
    assert (counted[0].reads, counted[0].is_closed) == (1, True)
