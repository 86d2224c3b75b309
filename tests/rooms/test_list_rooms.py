"""GET /v1/rooms (contract 4.1)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from activity.actors import Actor
from events.services.invitations import uninvite_user
from rooms.models import Room
from tests import factories
from tests.api import Api
from tests.circle import Circle
from users.models import User

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, tzinfo=UTC)


def make(creator: User, count: int) -> list[str]:
    """Rooms of which each is an hour younger than the one before; their ids."""
    times = [NOW + timedelta(hours=number) for number in range(count)]
    rooms = [Room.objects.create(tenant=creator.tenant, created_by=creator, created_at=time) for time in times]
    return [str(room.pk) for room in rooms]


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [row["id"] for row in answer.json()]


def test_own_rooms_come_newest_first() -> None:
    alice = factories.user("alice")
    made = make(alice, 3)
    assert ids(Api(alice).get("/v1/rooms")) == made[::-1]


def test_each_row_is_as_the_room_is_read() -> None:
    circle = Circle(password="open sesame")
    for who in ("creator", "invitee"):
        api = circle.api(who)
        assert api.get("/v1/rooms").json() == [api.get(circle.room_path).json()]


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
def test_rooms_of_meetings_somebody_is_invited_to_are_his_whatever_he_answered(answer: str) -> None:
    circle = Circle()
    bob = circle.api("invitee")
    own = make(circle.bob, 1)
    bob.patch(f"{circle.path}/invite", {"status": answer})
    assert set(ids(bob.get("/v1/rooms"))) == {*own, str(circle.event.room_id)}


def test_room_that_one_has_made_and_is_invited_to_is_one_room() -> None:
    circle = Circle()
    circle.invite(factories.user("carl"))
    assert ids(circle.api("creator").get("/v1/rooms")) == [str(circle.event.room_id)]


def test_who_was_uninvited_sees_nothing_of_it() -> None:
    circle = Circle()
    uninvite_user(event=circle.event, user_id=circle.bob.pk, actor=Actor.by_api(circle.alice))
    assert ids(circle.api("invitee").get("/v1/rooms")) == []


def test_others_see_nothing_of_it() -> None:
    circle = Circle()
    assert ids(circle.api("stranger").get("/v1/rooms")) == []
    assert ids(circle.api("other tenant").get("/v1/rooms")) == []


def test_rooms_of_disabled_people_are_hidden() -> None:
    circle = Circle()
    User.objects.filter(pk=circle.alice.pk).update(disabled_since=timezone.now())
    assert ids(circle.api("invitee").get("/v1/rooms")) == []


def test_pages() -> None:
    alice = factories.user("alice")
    made = make(alice, 5)[::-1]
    seen, links = [], []
    for page in (1, 2, 3, 4):
        answer = Api(alice).get("/v1/rooms", per_page=2, page=page)
        seen += ids(answer)
        links.append(answer.get("Link", ""))
    url = "http://testserver/v1/rooms?per_page=2&page="
    assert seen == made
    assert links == [
        f'<{url}2>; rel="next",<{url}3>; rel="last"',
        f'<{url}1>; rel="first",<{url}1>; rel="prev",<{url}3>; rel="next",<{url}3>; rel="last"',
        f'<{url}1>; rel="first",<{url}2>; rel="prev"',
        f'<{url}1>; rel="first",<{url}3>; rel="prev"',
    ]


@pytest.mark.parametrize(
    "query", [{"per_page": 0}, {"per_page": 101}, {"page": 0}, {"page": -1}, {"page": "x"}, {"per_page": "1.5"}]
)
def test_page_that_cannot_be_is_a_bad_request(query: dict[str, Any]) -> None:
    answer = Api(factories.user("alice")).get("/v1/rooms", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
