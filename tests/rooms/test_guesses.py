"""Wrong room passwords and PINs: counted per room and client, and the longer the row the longer the wait."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from rest.errors import NotFound, TooManyRequests
from rooms import guesses
from rooms.models import Guess, Room
from rooms.services import create_room
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CLIENT = guesses.client_at("192.0.2.1")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def room() -> Room:
    creator = factories.user()
    return create_room(creator=creator, actor=Actor.by_api(creator), password="right")


def guess(room: Room, given: str = "wrong", client: str = CLIENT) -> bool:
    return guesses.is_right(room=room, client=client, given=given, expected=room.password, actor=Actor.by_guest())


def wait(room: Room, client: str = CLIENT) -> int:
    """How long the client has to wait now."""
    with pytest.raises(TooManyRequests) as refused:
        guess(room, "right", client)
    return refused.value.wait


@pytest.mark.parametrize(
    ("given", "expected"), [("right", True), ("wrong", False), ("", False), ("Right", False), ("rïght", False)]
)
def test_secret_is_right_or_wrong(given: str, expected: bool) -> None:
    assert guess(room(), given) is expected


def test_each_wrong_guess_after_the_fifth_waits_twice_as_long(clock: Any) -> None:
    place, waits = room(), []
    for _time in range(4):
        guess(place)
    for _time in range(8):
        assert guess(place) is False
        waits.append(wait(place))
        clock.shift(timedelta(seconds=waits[-1]))
    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]


def test_right_secret_is_read_again_when_the_wait_is_over(clock: Any) -> None:
    place = room()
    for _time in range(5):
        guess(place)
    clock.shift(timedelta(seconds=9.5))
    assert wait(place) == 1
    clock.shift(timedelta(seconds=0.5))
    assert guess(place, "right")


def test_who_has_to_wait_is_not_counted(clock: Any) -> None:
    place = room()
    for _time in range(5):
        guess(place)
    for _time in range(5):
        wait(place)
    assert Guess.objects.count() == 5


def test_right_secrets_are_not_counted(clock: Any) -> None:
    place = room()
    for _time in range(20):
        assert guess(place, "right")
    assert not Guess.objects.exists()


def test_other_clients_and_other_rooms_do_not_wait(clock: Any) -> None:
    place, other = room(), room()
    for _time in range(5):
        guess(place)
    assert guess(place, "right", guesses.client_at("192.0.2.2"))
    assert guess(other, "right")


def test_wrong_guesses_are_forgotten_after_an_hour(clock: Any) -> None:
    place = room()
    for _time in range(5):
        guess(place)
    clock.shift(timedelta(hours=1))
    for _time in range(5):
        assert guess(place) is False
    assert Guess.objects.count() == 5


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::5", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "", True),
        ("unix:", "unix:", True),
    ],
)
def test_ipv6_clients_are_known_by_their_network(one: str, other: str, is_same: bool) -> None:
    assert (guesses.client_at(one) == guesses.client_at(other)) == is_same


def test_no_address_is_stored(clock: Any) -> None:
    place = room()
    guess(place)
    assert "192.0.2" not in Guess.objects.get().client


def test_room_that_is_gone_is_not_found() -> None:
    place = room()
    Room.objects.all().delete()
    with pytest.raises(NotFound):
        guess(place)
