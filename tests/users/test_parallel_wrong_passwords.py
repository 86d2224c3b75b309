"""Wrong passwords that arrive together are counted one by one: a guesser gains nothing by hurry."""

import pytest
from django.test import Client as Browser

from tests.parallel import at_once
from tests.users.relying_party import make_person
from users.guard import FREE_TRIES
from users.models import User, WrongPassword

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


@pytest.fixture
def alice(postgresql: None) -> User:
    return make_person()


def guess() -> int:
    return Browser().post("/login/", {"username": "alice", "password": "wrong"}).status_code


def test_four_at_once_are_four(alice: User) -> None:
    """The first of them makes the row that all count in."""
    assert at_once([guess] * 4) == [200] * 4
    assert WrongPassword.objects.get().count == 4


def test_four_at_once_are_four_more_than_one(alice: User) -> None:
    guess()
    assert at_once([guess] * 4) == [200] * 4
    assert WrongPassword.objects.get().count == FREE_TRIES


def test_no_more_of_them_are_read_than_one_after_the_other(alice: User) -> None:
    assert sorted(at_once([guess] * 8)) == [200] * FREE_TRIES + [429] * 3
    assert WrongPassword.objects.get().count == FREE_TRIES
