"""Files as tests upload them."""

from typing import Any

from django.http import HttpResponse

from activity.actors import Actor
from rooms.assets.services import create_asset
from rooms.models import Asset, Room
from tests.api import Api
from tests.circle import Circle
from users.models import User

QUERY = {"kind": "recording", "file_extension": "webm"}


class _Source:
    def readline(self, size: int = -1) -> bytes:
        raise AssertionError("A file is no text")  # Django looks for it in what a web server gives


class Source(_Source):
    """`size` bytes that exist only while they are read, and come in pieces of at most `piece`."""

    def __init__(self, size: int, piece: int = 64 * 1024) -> None:
        self.left = size
        self.piece = piece
        self.largest = 0

    def read(self, size: int = -1) -> bytes:
        size = self.left if size < 0 else size
        taken = min(size, self.left, self.piece)
        self.largest = max(self.largest, size)
        self.left -= taken
        return b"x" * taken


class Bytes(_Source):
    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, size: int = -1) -> bytes:
        size = len(self.content) if size < 0 else size
        taken, self.content = self.content[:size], self.content[size:]
        return taken


class HangsUp(Bytes):
    """Somebody who sends this much and is gone."""

    def read(self, size: int = -1) -> bytes:
        if part := super().read(size):
            return part
        raise OSError("connection reset")


def asset(room: Room, content: bytes = b"0123456789", **fields: Any) -> Asset:
    values = {"kind": "recording", "file_extension": "webm"} | fields
    return create_asset(
        room=room, actor=Actor.by_api(room.created_by), source=Bytes(content), size=len(content), **values
    )


def upload(circle: Circle, content: bytes = b"0123456789", *, who: str = "creator", **changes: Any) -> HttpResponse:
    """A change to None leaves the query parameter out."""
    query = {name: value for name, value in (QUERY | changes).items() if value is not None}
    return circle.api(who).post(f"{circle.room_path}/assets", content, **query)


def download(user: User, path: str, **headers: str) -> HttpResponse:
    """`If_Range` is the header If-Range. The answer's `file` is what it brought."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Api(user).request("GET", path, headers=named)
    answer.file = b"".join(answer.streaming_content) if answer.streaming else None
    return answer


def path_of(asset: Asset) -> str:
    return f"/v1/rooms/{asset.room_id}/assets/{asset.pk}"


def set_quota(user: User, **quotas: int) -> None:
    user.tariff.quotas = quotas
    user.tariff.save()
