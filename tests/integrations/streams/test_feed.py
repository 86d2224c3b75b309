"""The one reader of the log that all streams of a process share, with clients that are slow, late or signed out."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity import reader
from activity.reader import START, Cursor
from activity.waking import listener
from integrations.streams import access, feed
from integrations.streams.feed import Client, Feed
from rest.live import in_thread
from tests import factories
from tests.integrations.streams.test_list_activity import _as_if_settled, write  # noqa: F401 - a fixture
from tests.site import wait_until
from users.models import User

SECONDS = 30


def client_of(user_id: uuid.UUID, cursor: Cursor = START) -> Client:
    return Client(user_id, cursor, time.time())


def test_slow_client_falls_behind_instead_of_filling_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_WAITING", 2)
    client = client_of(uuid.uuid4())
    client.is_behind = False
    for number in range(1, 4):
        client.push(Cursor(0, number), b"x")
    assert (client.is_behind, client.take()) == (True, b"")
    client.push(Cursor(0, 5), b"x")
    assert client.take() == b""


def test_nothing_is_passed_on_twice() -> None:
    client = client_of(uuid.uuid4(), Cursor(0, 2))
    client.is_behind = False
    for number in (1, 2, 3, 4):
        client.push(Cursor(0, number), b"%d" % number)
    assert client.take() == b"34"
    assert client.cursor == (0, 4)
    client.push(Cursor(0, 4), b"4")
    assert client.take() == b""


@pytest.mark.django_db
def test_one_look_costs_two_statements_however_many_listen() -> None:
    people = factories.users("alice", "bob", "carol")
    stranger = factories.user("stranger")

    def cost(listening: list[User]) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            batch = access.read_on(START, [user.pk for user in listening])
        return len(captured), len(batch.frames)

    assert cost(people) == (1, 0)
    write(*people, stranger)
    write(people[0])
    assert cost(people[:1]) == (2, 2)
    assert cost(people) == (2, 4)


@pytest.mark.django_db
def test_people_who_may_not_sign_in_are_not_known() -> None:
    active, disabled = factories.users("alice", "bob")
    User.objects.filter(pk=disabled.pk).update(disabled_since="2026-11-23T09:00:00Z")
    assert access.sign_ins([active.pk, disabled.pk, uuid.uuid4()]) == {active.pk: None}


def run(test: Callable[[Feed], Awaitable[None]]) -> None:
    async def with_feed() -> None:
        try:
            await test(Feed())
        finally:
            await listener.stop()

    asyncio.run(asyncio.wait_for(with_feed(), SECONDS))


async def told(stream: AsyncGenerator[bytes, None], part: str) -> str:
    """What comes up to the piece with this part."""
    heard = ""
    async for piece in stream:
        heard += piece.decode()
        if part in heard:
            return heard
    raise AssertionError(heard)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_who_comes_while_sign_ins_are_checked_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = factories.users("alice", "bob")
    place, known = reader.now(), access.sign_ins
    asked: list[Any] = []
    answered: list[Any] = []

    def slowly(people: Any) -> Any:
        asked.append(people)
        if len(asked) == 1:
            wait_until(lambda: bob.pk in the_feed[0].clients, SECONDS, "bob listens")
        answered.append(known(people))
        return answered[-1]

    monkeypatch.setattr(access, "sign_ins", slowly)
    the_feed: list[Feed] = []

    async def test(shared: Feed) -> None:
        the_feed.append(shared)
        clients = [client_of(user.pk, place) for user in (alice, bob)]
        streams = [shared.stream(client, SECONDS) for client in clients]
        await told(streams[0], "retry")
        while not asked:  # noqa: ASYNC110 - nothing says when
            await asyncio.sleep(0.01)
        await told(streams[1], "retry")
        while not answered:  # noqa: ASYNC110 - nothing says when
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await in_thread(lambda: write(alice, bob))
        for stream in streams:
            assert "room.updated" in await told(stream, "activity")
        assert not any(client.is_over for client in clients)
        for stream in streams:
            await stream.aclose()
        assert shared.clients == {}

    run(test)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_database_that_is_away_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = factories.user("alice")
    place, read_on = reader.now(), access.read_on
    failures = [ValueError("away")] * 2

    def sometimes(*args: Any) -> Any:
        if failures:
            raise failures.pop()
        return read_on(*args)

    monkeypatch.setattr(access, "read_on", sometimes)
    monkeypatch.setattr(feed, "RETRY_SECONDS", 0.05)

    async def test(shared: Feed) -> None:
        stream = shared.stream(client_of(alice.pk, place), SECONDS)
        await told(stream, "retry")
        await in_thread(lambda: write(alice))
        heard = await told(stream, "activity")
        await in_thread(lambda: write(alice))
        heard += await told(stream, "activity")
        assert heard.count("event: activity") == 2
        await stream.aclose()

    run(test)
