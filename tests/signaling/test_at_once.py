"""What arrives together: a ticket lets one in, no guess is free, nobody starts in a room that goes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from activity.actors import Actor
from rest.errors import NotFound, TooManyRequests
from rooms.guesses import FREE_GUESSES, is_right
from rooms.models import Guess, Room
from rooms.services import delete_room
from signaling.models import Ticket
from signaling.tickets import InvalidTicket, issue_ticket, redeem_ticket
from tests import factories
from tests.circle import Circle

pytestmark = pytest.mark.service
THREADS = 12


@pytest.fixture(autouse=True)
def _postgresql(transactional_db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("DATABASE_URL names no PostgreSQL")


def at_once(calls: list[Callable[[], Any]], *expected: type[Exception]) -> list[Any]:
    """What each gives, or the class of the expected error; each in a thread with a connection of its own."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return call()
        except expected as error:
            return type(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_one_of_all_who_bring_the_same_ticket_gets_in() -> None:
    circle = Circle()
    ticket = issue_ticket(room=circle.event.room, user=circle.bob).ticket
    results = at_once([partial(redeem_ticket, text=ticket)] * THREADS, InvalidTicket)
    assert results.count(InvalidTicket) == THREADS - 1


def test_one_of_all_who_bring_the_same_resumption_token_is_the_same() -> None:
    circle = Circle()
    room = circle.event.room
    issued = issue_ticket(room=room, user=circle.bob)
    redeem_ticket(text=issued.ticket)
    at_once([partial(issue_ticket, room=room, user=circle.bob, resumption=issued.resumption)] * THREADS)
    assert Ticket.objects.filter(is_resuming=True).count() == 1


def test_no_wrong_guess_of_many_is_free() -> None:
    room = Circle(password="right").event.room
    guess = partial(is_right, room=room, client="one", given="wrong", expected="right", actor=Actor.by_guest())
    results = at_once([guess] * THREADS, TooManyRequests)
    assert results.count(False) == Guess.objects.count() == FREE_GUESSES


def test_room_that_is_deleted_meanwhile_leaves_no_ticket_and_no_error() -> None:
    alice = factories.user("alice")
    for _time in range(5):
        room = factories.event(alice).room
        starts: list[Callable[[], Any]] = [partial(issue_ticket, room=room)] * (THREADS - 1)
        results = at_once([*starts, partial(delete_room, room=room, actor=Actor.by_api(alice))], NotFound)
        assert results[-1] is None
        assert not Room.objects.exists()
        assert not Ticket.objects.exists()
