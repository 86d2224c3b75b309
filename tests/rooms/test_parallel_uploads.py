"""Several uploads at once, a deletion among them; each in a thread with a database connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from activity.actors import Actor
from events.models import Event
from events.services.events import delete_event
from rest.errors import ApiError, Forbidden
from rooms.assets.services import create_asset
from rooms.models import Asset, Room
from tests import factories
from tests.circle import Circle
from tests.rooms.assets import Bytes, asset, set_quota
from tests.rooms.conftest import Files
from users.access import used_storage

UPLOADS = 8


pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def at_once(calls: list[Callable[[], Any]]) -> Counter[str]:
    """How often each ended how: "" is well."""

    def run(call: Callable[[], Any]) -> str:
        try:
            call()
        except ApiError as error:
            return error.code
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(len(calls)) as threads:
        return Counter(threads.map(run, calls))


class Together(Bytes):
    """Ends when all the others end: the quota had room for each when it began."""

    def __init__(self, content: bytes, barrier: threading.Barrier) -> None:
        super().__init__(content)
        self.barrier = barrier

    def read(self, size: int = -1) -> bytes:
        part = super().read(size)
        if not part:
            self.barrier.wait(30)
        return part


def uploads(rooms: list[Room], barrier: threading.Barrier) -> list[Callable[[], Any]]:
    def upload(room: Room) -> None:
        values = {"actor": Actor.by_api(room.created_by), "kind": "recording", "file_extension": "webm"}
        create_asset(room=room, source=Together(b"0123456789", barrier), size=10, **values)

    return [lambda room=room: upload(room) for room in rooms]


@pytest.mark.parametrize("is_one_room", [True, False])
def test_together_they_do_not_pass_the_quota(disk: Files, is_one_room: bool) -> None:
    alice = factories.user("alice")
    set_quota(alice, max_storage=35)
    rooms = [factories.event(alice).room for _number in range(1 if is_one_room else UPLOADS)]
    ends = at_once(uploads((rooms * UPLOADS)[:UPLOADS], threading.Barrier(UPLOADS)))
    assert ends == {"": 3, "storage_quota_exceeded": UPLOADS - 3}
    assert (used_storage(alice), Asset.objects.count(), len(disk.names())) == (30, 3, 3)


def test_owners_do_not_wait_for_each_others_quota(disk: Files) -> None:
    people = [factories.user() for _number in range(UPLOADS)]
    set_quota(people[0], max_storage=10)  # all have the same tariff
    rooms = [factories.event(person).room for person in people]
    assert at_once(uploads(rooms, threading.Barrier(UPLOADS))) == {"": UPLOADS}


@pytest.mark.parametrize("number", range(5))
def test_deleted_room_leaves_no_file_whoever_was_first(disk: Files, number: int) -> None:
    circle = Circle()
    asset(circle.event.room)
    barrier = threading.Barrier(4)

    def delete() -> None:
        barrier.wait(30)
        delete_event(event=Event.objects.get(), actor=Actor.by_api(circle.alice), suppress_mail=True)

    ends = at_once([*uploads([circle.event.room] * 3, barrier), delete])
    assert set(ends) <= {"", Forbidden.code}
    assert (Room.objects.count(), Asset.objects.count(), disk.names()) == (0, 0, [])
