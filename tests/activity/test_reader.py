"""Readers of the log miss nothing and get nothing twice, whoever commits when."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from activity.audiences import Circle
from activity.log import record
from activity.models import Activity, Audience
from activity.reader import (
    START,
    Cursor,
    after,
    hidden_since,
    is_of_this_log,
    newest_seen_by,
    now,
    seen_by,
    settled,
)
from activity.room_kinds import RoomDeleted
from tests.site import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, READERS, EACH = 8, 3, 25
SECONDS = 300  # transactions of other tests hold readers up, too: PostgreSQL's horizon is that of the whole server


def write(*audience: uuid.UUID) -> uuid.UUID:
    room: Any = SimpleNamespace(pk=uuid.uuid4(), _meta=SimpleNamespace(model_name="room"))
    with transaction.atomic():
        kind = RoomDeleted(title="", owner_id="", has_password=False, waiting_room=False)
        return record(kind, actor=Actor.by_job("test"), subject=room, before=Circle(readers=frozenset(audience)))


def all_settled() -> None:
    wait_until(lambda: settled().count() == Activity.objects.count(), SECONDS, "all transactions are over")


def test_activities_come_once_and_in_order() -> None:
    written = [write() for _number in range(5)]
    all_settled()
    first = after(START, limit=3)
    second = after(Cursor.of(first[-1]), limit=3)
    assert [activity.id for activity in [*first, *second]] == written
    assert after(Cursor.of(second[-1])) == []


def test_stream_of_a_person_has_what_this_person_may_know() -> None:
    alice, bob = uuid.uuid4(), uuid.uuid4()
    both, for_alice, _for_bob, _for_nobody = write(alice, bob), write(alice), write(bob), write()
    all_settled()
    rows = seen_by(alice, START)
    assert [row.activity.id for row in rows] == [both, for_alice]
    assert [row.activity.id for row in seen_by(alice, Cursor.of(rows[0]))] == [for_alice]
    assert seen_by(uuid.uuid4(), START) == []


def test_what_came_without_transactions_is_read_first() -> None:
    """Rows of a log that SQLite wrote."""
    new = write()
    Activity.objects.filter(id=write()).update(transaction_id=0, position=0)
    all_settled()
    assert [activity.position for activity in after(Cursor(0, -1))] == [0, Activity.objects.get(id=new).position]


STREAMS: dict[str, Callable[[], Any]] = {
    "everything": lambda: after(START),
    "tenant": lambda: after(START, tenant_id=uuid.uuid4()),
    "person": lambda: seen_by(uuid.uuid4(), START),
}


@pytest.mark.parametrize("read", STREAMS.values(), ids=list(STREAMS))
def test_one_statement_reads(read: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as statements:
        read()
    assert len(statements) == 1


# ---- What only a database with parallel writers can get wrong ----


@pytest.fixture
def postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs DATABASE_URL=postgresql://…: make test-postgresql")


class Naive:
    """What anybody would write at first: on from the highest position that was seen."""

    def __init__(self, rows: Callable[[], Any] = Activity.objects.all) -> None:
        self.rows, self.position, self.got = rows, 0, list[uuid.UUID]()

    def read(self) -> None:
        for activity in self.rows().filter(position__gt=self.position).order_by("position"):
            self.position = activity.position
            self.got.append(activity.id)


class Reader:
    def __init__(self, user_id: uuid.UUID | None = None) -> None:
        self.user_id, self.cursor, self.got = user_id, START, list[uuid.UUID]()

    def read(self) -> None:
        rows: Any = after(self.cursor, limit=7) if self.user_id is None else seen_by(self.user_id, self.cursor, limit=7)
        for row in rows:
            self.cursor = Cursor.of(row)
            self.got.append(row.activity.id if isinstance(row, Audience) else row.id)


@contextmanager
def in_threads() -> Iterator[Callable[..., Any]]:
    """Runs functions in threads with connections of their own, closed at their end."""

    def closing(work: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return work(*arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as threads:
        yield lambda work, *arguments: threads.submit(closing, work, *arguments)


def take_transaction_id() -> None:
    """As changing a row does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def write_many(seed: int, person: uuid.UUID) -> list[uuid.UUID]:
    """Short and longer transactions, with their id early or late, some undone; what was committed, in order."""
    dice, committed = random.Random(seed), list[uuid.UUID]()
    for _number in range(EACH):
        with transaction.atomic():
            if dice.random() < 0.5:
                take_transaction_id()
                time.sleep(dice.random() * 0.02)
            activity_ids = [write(person) for _number in range(dice.choice([1, 1, 3]))]
            time.sleep(dice.random() * 0.02)
            if dice.random() < 0.1:
                transaction.set_rollback(True)
                continue
        committed += activity_ids
    return committed


def write_slowly(has_written: threading.Event, others_are_done: threading.Event) -> list[uuid.UUID]:
    with transaction.atomic():
        early = write()
        has_written.set()
        assert others_are_done.wait(SECONDS)
        return [early, write()]


def follow(reader: Reader | Naive, is_over: Callable[[], bool]) -> list[uuid.UUID]:
    end = time.monotonic() + 2 * SECONDS
    while not is_over() and time.monotonic() < end:
        reader.read()
        time.sleep(0.002)
    reader.read()
    return reader.got


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
def test_no_reader_misses_a_late_commit() -> None:
    person = uuid.uuid4()
    has_written, others_are_done, all_are_done = threading.Event(), threading.Event(), threading.Event()
    readers = [*(Reader() for _number in range(READERS - 1)), Reader(person)]
    naive = Naive()

    def has_everything(reader: Reader) -> bool:
        rows = Activity.objects.filter(audience__user_id=person) if reader.user_id else Activity.objects.all()
        return all_are_done.is_set() and len(reader.got) >= rows.count()

    with in_threads() as start:
        slow = start(write_slowly, has_written, others_are_done)
        assert has_written.wait(SECONDS)
        following = [start(follow, reader, lambda reader=reader: has_everything(reader)) for reader in readers]
        naively = start(follow, naive, all_are_done.is_set)
        writers = [start(write_many, seed, person) for seed in range(WRITERS)]
        by_writers = [writer.result(SECONDS) for writer in writers]
        highest = Activity.objects.latest("position").position
        wait_until(lambda: naive.position == highest, SECONDS, "the naive reader is past them")
        assert [reader.got for reader in readers] == [[], [], []]
        others_are_done.set()
        slow_ids = slow.result(SECONDS)
        all_are_done.set()
        got = [reader.result(SECONDS) for reader in following]
        lost = {*slow_ids, *(row for rows in by_writers for row in rows)} - {*naively.result(SECONDS)}
    order = list(settled().values_list("id", flat=True))
    assert sorted(order) == sorted([*slow_ids, *(row for rows in by_writers for row in rows)])
    assert got == [order, order, [row for row in order if row not in slow_ids]]
    for rows in by_writers:
        assert [row for row in order if row in rows] == rows
    assert slow_ids[0] in lost, "the reader that this one is better than has lost nothing"


def write_late(has_begun: threading.Event, may_write: threading.Event) -> uuid.UUID:
    with transaction.atomic():
        take_transaction_id()
        has_begun.set()
        assert may_write.wait(SECONDS)
        return write()


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
def test_transaction_that_began_first_and_recorded_last_takes_no_reader_along() -> None:
    """Its position is above that of a running one: below the oldest transaction, positions alone lose that."""
    reader, by_position = Reader(), Naive(settled)
    first_has_begun, first_may_write = threading.Event(), threading.Event()
    second_has_written, second_may_end = threading.Event(), threading.Event()
    with in_threads() as start:
        first = start(write_late, first_has_begun, first_may_write)
        assert first_has_begun.wait(SECONDS)
        second = start(write_slowly, second_has_written, second_may_end)
        assert second_has_written.wait(SECONDS)
        first_may_write.set()
        first_id = first.result(SECONDS)
        wait_until(lambda: by_position.read() or by_position.got, SECONDS, "the first is settled")
        reader.read()
        second_may_end.set()
        second_ids = second.result(SECONDS)
    all_settled()
    by_position.read()
    reader.read()
    assert reader.got == [first_id, *second_ids]
    assert by_position.got == [first_id, second_ids[1]]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite hides nothing")
def test_what_is_hidden_is_dated_by_its_oldest_row() -> None:
    all_settled()
    older = connection.copy()
    older.inc_thread_sharing()
    try:
        older.set_autocommit(False)
        with older.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        first, _second = write(), write()
        assert hidden_since() == Activity.objects.get(id=first).occurred_at
    finally:
        older.close()
    wait_until(lambda: hidden_since() is None, SECONDS, "nothing is hidden")


def test_cursor_of_another_log_is_known() -> None:
    write()
    all_settled()
    last = Cursor.of(after(START)[-1])
    assert is_of_this_log(last)
    assert is_of_this_log(now())
    assert not is_of_this_log(Cursor(last.transaction_id + 10**9, last.position + 10**9))


def test_stream_backwards_is_the_stream() -> None:
    alice = uuid.uuid4()
    for _number in range(3):
        write(alice)
    all_settled()
    forwards = [row.activity_id for row in seen_by(alice, START)]
    newest = list(newest_seen_by(alice))
    assert [row.activity_id for row in newest] == forwards[::-1]
    assert [row.activity_id for row in newest_seen_by(alice, Cursor.of(newest[0]))] == forwards[1::-1]
