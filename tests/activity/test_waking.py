"""Whoever waits is woken by what concerns them, in any process, and by nothing that was rolled back."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from activity import waking
from activity.actors import Actor
from activity.audiences import Circle
from activity.log import record
from activity.reader import START, seen_by
from activity.room_kinds import RoomDeleted
from activity.waking import EVERYBODY, MOST_NAMED, Announced, Waiter, listener
from rest.live import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
ALICE, BOB = uuid.UUID(int=1), uuid.UUID(int=2)
# Other tests' transactions hold wake-ups up: PostgreSQL's horizon is that of the whole server.
SECONDS, A_MOMENT = 300, 0.6
postgresql_alone = pytest.mark.skipif(connection.vendor != "postgresql", reason="nothing is sent on SQLite")


def write(*people: uuid.UUID) -> uuid.UUID:
    room: Any = SimpleNamespace(pk=uuid.uuid4(), _meta=SimpleNamespace(model_name="room"))
    with transaction.atomic():
        kind = RoomDeleted(title="", owner_id="", has_password=False, waiting_room=False)
        return record(kind, actor=Actor.by_job("test"), subject=room, before=Circle(readers=frozenset(people)))


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def with_listener() -> None:
        try:
            await test()
        finally:
            await listener.stop()

    asyncio.run(with_listener())


async def quiet(waiter: Waiter) -> None:
    """What wakes everybody once a listener has connected is over."""
    while await waiter.wait(A_MOMENT):
        pass


@pytest.mark.slow
def test_who_is_concerned_is_woken_and_sees_it() -> None:
    async def test() -> None:
        with Waiter(ALICE) as waiter:
            await quiet(waiter)
            written = await in_thread(lambda: write(ALICE))
            assert await waiter.wait(SECONDS)
            rows = await in_thread(lambda: seen_by(ALICE, START))
            assert [row.activity.id for row in rows] == [written]

    run(test)


@pytest.mark.slow
def test_what_comes_before_the_wait_is_not_lost() -> None:
    async def test() -> None:
        with Waiter(ALICE) as waiter:
            await quiet(waiter)
            await in_thread(lambda: write(ALICE))
            await asyncio.sleep(A_MOMENT)
            assert await waiter.wait(SECONDS)

    run(test)


@pytest.mark.slow
def test_rollback_wakes_nobody() -> None:
    def undone() -> None:
        with transaction.atomic():
            write(ALICE)
            transaction.set_rollback(True)

    async def test() -> None:
        with Waiter(ALICE) as waiter:
            await quiet(waiter)
            await in_thread(undone)
            assert not await waiter.wait(A_MOMENT)

    run(test)


@pytest.mark.slow
@postgresql_alone
def test_others_sleep_on() -> None:
    async def test() -> None:
        with Waiter(ALICE) as alice, Waiter(BOB) as bob:
            await quiet(alice)
            await quiet(bob)
            await in_thread(lambda: write(ALICE))
            assert await alice.wait(SECONDS)
            assert not await bob.wait(A_MOMENT)

    run(test)


@pytest.mark.slow
@postgresql_alone
def test_lost_connection_wakes_everybody_and_loses_nothing() -> None:
    def kill() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND (query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_snapshot_xmin(now)%')"
            )
            assert cursor.fetchall()

    async def test() -> None:
        with Waiter(ALICE) as waiter:
            await quiet(waiter)
            await in_thread(kill)
            await in_thread(lambda: write(ALICE))
            assert await waiter.wait(SECONDS)
            await quiet(waiter)
            await in_thread(lambda: write(ALICE))
            assert await waiter.wait(SECONDS)

    run(test)


@pytest.mark.slow
@postgresql_alone
def test_nobody_is_woken_before_the_rows_can_be_read() -> None:
    """An older transaction that still runs hides them."""
    older = connection.copy()

    async def test() -> None:
        with Waiter(ALICE) as waiter:
            await quiet(waiter)
            await in_thread(lambda: write(ALICE))
            assert not await waiter.wait(A_MOMENT)
            await in_thread(older.rollback)
            assert await waiter.wait(SECONDS)
            assert len(await in_thread(lambda: seen_by(ALICE, START))) == 1

    older.inc_thread_sharing()
    try:
        older.set_autocommit(False)
        with older.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        run(test)
    finally:
        older.close()


def test_waiter_for_several_is_woken_for_each_and_forgotten_afterwards() -> None:
    async def test() -> None:
        with Waiter(ALICE) as waiter:
            waiter.add(BOB)
            listener.wake(frozenset({BOB}))
            assert await waiter.wait(0)
            waiter.discard(BOB)
            listener.wake(frozenset({BOB}))
            assert not await waiter.wait(0)
            assert list(listener.waiters) == [ALICE]
        assert listener.waiters == {}

    run(test)


def test_message_names_people_as_long_as_they_fit() -> None:
    people = {uuid.uuid4() for _number in range(MOST_NAMED)}
    written = f"{2**64 - 1}:{waking._written(people)}"
    assert len(written) < 8000
    assert waking._read(written) == Announced(2**64 - 1, frozenset(people))
    assert waking._written(people | {uuid.uuid4()}) == EVERYBODY
    assert waking._read(f"7:{EVERYBODY}") == Announced(7, None)
    for strange in ("", "x", "7:?", "x:AAAA", "7:AAAA"):
        assert waking._read(strange).people is None, strange
