"""Whiteboards are spaces of Spacedeck. Where it does not do what it is asked for, this raises
Failed("initialization_failed"): clients know no other code for a server that fails.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from rooms.models import Room
from signaling.documents import Author, keep_pdf
from signaling.servers import spacedeck
from signaling.work import Failed


def about(_room: Room) -> dict[str, Any] | None:
    return {} if settings.SPACEDECK_URL else None


def create(*, room_id: uuid.UUID, place: uuid.UUID | None, **_more: Any) -> dict[str, Any]:
    with _spacedeck():
        space, url = spacedeck.create_space(f"{room_id}:{place}" if place else str(room_id))
    return {"space": space, "url": url}


def delete(*, room_id: uuid.UUID, spaces: list[str]) -> dict[str, Any]:
    with _spacedeck():
        for space in spaces:
            spacedeck.delete_space(space)
    return {}


def generate_pdf(*, room_id: uuid.UUID, space: str, asker: dict[str, Any], **_more: Any) -> dict[str, Any]:
    with _spacedeck():
        data = spacedeck.pdf(space)
    return keep_pdf(data, author=Author(room_id, asker), kind="whiteboard", title="", namespace="whiteboard")


@contextmanager
def _spacedeck() -> Iterator[None]:
    try:
        yield
    except spacedeck.SpacedeckError as failure:
        raise Failed("initialization_failed") from failure
