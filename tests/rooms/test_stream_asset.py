"""Files go out piece by piece: none is ever in memory, and nobody's pace but the client's decides when one is read."""

import tracemalloc
from typing import Any

import pytest

from activity.actors import Actor
from rooms import storage
from rooms.assets.services import create_asset
from rooms.models import Asset
from tests.api import Api
from tests.circle import Circle
from tests.rooms.assets import Source, asset, download, path_of
from tests.rooms.conftest import Files

pytestmark = pytest.mark.django_db

TEN = b"0123456789"


@pytest.fixture
def film(circle: Circle) -> Asset:
    """Ten bytes in alice's room."""
    return asset(circle.event.room, TEN)


@pytest.mark.slow
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


def test_no_piece_is_read_before_it_is_wanted(counted: list[Counted], circle: Circle, film: Asset) -> None:
    answer = Api(circle.bob).get(path_of(film))
    pieces = iter(answer.streaming_content)
    assert (next(pieces), counted[0].reads) == (b"012", 1)
    answer.close()
    assert (counted[0].reads, counted[0].is_closed) == (1, True)
