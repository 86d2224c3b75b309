"""Eight write and three read one session: ids without a gap, the same for all, nothing lost, nothing undone told."""

import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections, transaction

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.log import record
from activity.room_kinds import RoomDeleted
from integrations.cospace import sessions, stream
from integrations.cospace.models import Session, StreamEvent
from integrations.objects.signals import passing
from tests import factories
from tests.site import wait_until
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, READERS, EACH = 8, 3, 20
SECONDS = 60  # transactions of other tests hold readers up, too
UNDONE = "undone"


class Undone(Exception):
    pass


def write(user: User, title: str, *, pause: float = 0, is_undone: bool = False) -> str:
    """One transaction: a row of the log that the person may read, and something that passes."""
    room: Any = SimpleNamespace(pk=uuid.uuid4(), _meta=SimpleNamespace(model_name="room"))
    try:
        with transaction.atomic():
            kind = RoomDeleted(title=title, owner_id="", has_password=False, waiting_room=False)
            place = Place(room_id=room.pk, title=title)
            record(kind, actor=Actor.by_job("test"), subject=room, place=place, before=Circle(owner=user.pk))
            passing.send(None, name="chat_user", object_id=None, data={"chat": title}, user_ids=[user.pk], key="")
            time.sleep(pause)
            if is_undone:
                raise Undone
    except Undone:
        return UNDONE
    return title


@pytest.fixture
def on_disk(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """SQLite's other tests run in memory, where whoever meets a lock gets an error instead of waiting."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    memory, name, path = connection.connection, connection.settings_dict["NAME"], tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as copy:
        memory.backup(copy)
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = memory, name


def begun(user: User) -> Session:
    session, _sid = sessions.begin()
    sessions.sign_in(session=session, user=user)
    return session


def in_threads(calls: list[Callable[[], Any]]) -> list[Any]:
    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(run, call) for call in calls]]


class ReaderOf:
    """A client: asks for what it has not seen, until it is told to stop and nothing more comes."""

    def __init__(self, session: Session, user: User, done: threading.Event, *, dies_at: int = 0) -> None:
        self.session, self.user, self.done, self.dies_at = session, user, done, dies_at
        self.seen: list[dict[str, Any]] = []

    def read(self) -> int:
        page = stream.look(self.session.pk, self.user.pk, first=len(self.seen), count=random.choice((3, 50)))
        self.seen += page.events
        return len(page.events)

    def has(self, count: int) -> bool:
        return self.read() == 0 and len(self.seen) >= count

    def run(self) -> list[dict[str, Any]]:
        while not self.done.is_set():
            self.read()
            if self.dies_at and len(self.seen) >= self.dies_at:
                # Killed before it kept what it had read last, and back.
                self.seen, self.dies_at = self.seen[: self.dies_at // 2], 0
            time.sleep(random.uniform(0, 0.01))
        return self.seen


@pytest.mark.slow
@pytest.mark.usefixtures("on_disk")
def test_all_clients_see_the_same_without_gap_or_loss() -> None:
    alice, bob = factories.users("alice", "bob")
    session, other = begun(alice), begun(bob)
    done = threading.Event()
    readers = [
        ReaderOf(session, alice, done),
        ReaderOf(session, alice, done, dies_at=40),
        ReaderOf(session, alice, done),
    ]

    def writer(number: int) -> list[str]:
        chance = random.Random(number)
        return [
            write(
                alice,
                f"{number}-{each}",
                # Some are late: whoever began after them has ended before.
                pause=chance.choice((0, 0, 0.001, 0.02)),
                is_undone=chance.random() < 0.2,
            )
            for each in range(EACH)
        ]

    def writers() -> list[str]:
        found = in_threads([partial(writer, number) for number in range(WRITERS)])
        done.set()
        return [title for titles in found for title in titles if title != UNDONE]

    written, *_read = in_threads([writers, *(reader.run for reader in readers)])
    for reader in readers:
        wait_until(partial(reader.has, 2 * len(written)), SECONDS, "all is read")
    first = readers[0].seen
    assert [event["id"] for event in first] == list(range(2 * len(written)))
    assert all(reader.seen == first for reader in readers)
    for name, member in (("object_delete", "description"), ("chat_user", "chat")):
        assert sorted(event[member] for event in first if event["event"] == name) == sorted(written)
    assert stream.look(other.pk, bob.pk, first=0, count=500).events == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_what_began_before_and_ends_after_others_is_not_lost() -> None:
    alice = factories.user("alice")
    session = begun(alice)
    slow = threading.Thread(target=in_threads, args=([lambda: write(alice, "slow", pause=0.5)],))
    slow.start()
    time.sleep(0.2)
    write(alice, "quick")
    reader = ReaderOf(session, alice, threading.Event())
    reader.read()
    slow.join()
    wait_until(partial(reader.has, 4), SECONDS, "all is read")
    told = [event["description"] for event in reader.seen if event["event"] == "object_delete"]
    assert told == ["slow", "quick"]
    assert [event["id"] for event in reader.seen] == [0, 1, 2, 3]


def test_what_was_there_before_the_sign_in_is_not_told() -> None:
    alice = factories.user("alice")
    write(alice, "before")
    session = begun(alice)
    write(alice, "after")
    reader = ReaderOf(session, alice, threading.Event())
    wait_until(partial(reader.has, 2), SECONDS, "all is read")
    told = [event["description"] for event in reader.seen if event["event"] == "object_delete"]
    assert told[-1] == "after"
    if connection.vendor == "sqlite":  # elsewhere a transaction of another test may be older than the first one
        assert told == ["after"]


def test_numbers_are_given_only_when_somebody_reads() -> None:
    alice = factories.user("alice")
    session = begun(alice)
    write(alice, "one")
    assert not StreamEvent.objects.exists()
    reader = ReaderOf(session, alice, threading.Event())
    wait_until(partial(reader.has, 2), SECONDS, "all is read")
    session.refresh_from_db()
    assert session.next_number == StreamEvent.objects.count() == 2
