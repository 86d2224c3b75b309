"""GET /v1/activity: what concerned the caller, the newest first, and nothing else."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from activity import reader
from activity.actors import Actor
from activity.audiences import Circle as People
from activity.audiences import Place
from activity.log import record
from activity.models import Activity, Audience
from activity.room_kinds import RoomDeleted, RoomUpdated
from activity.sign_in_kinds import UserUnlocked
from integrations.streams import access
from tests import factories
from tests.api import Api
from tests.circle import Circle
from users.models import User

pytestmark = pytest.mark.django_db
PATH = "/v1/activity"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ROOM, EVENT = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture(autouse=True)
def _as_if_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is one transaction that never ends: nothing of it would be readable."""
    monkeypatch.setattr(reader, "_is_settled", Q)


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def write(*readers: User, actor: Actor | None = None, room: uuid.UUID = ROOM, **how: Any) -> uuid.UUID:
    subject: Any = SimpleNamespace(pk=room, _meta=SimpleNamespace(model_name="room"))
    fields = {"title": "Review", "owner_id": "", "has_password": False, "waiting_room": False}
    people = People(readers=frozenset(reader.pk for reader in readers))
    how = {"kind": RoomUpdated(**fields), "before": people, "after": people} | how
    kind, place = how.pop("kind"), how.pop("place", Place(room_id=room, event_id=EVENT, title="Review"))
    with transaction.atomic():
        return record(kind, actor=actor or Actor.by_job("test"), subject=subject, place=place, **how)


def listed(user: User, **query: Any) -> list[dict[str, Any]]:
    answer = Api(user).get(PATH, **query)
    assert answer.status_code == 200, answer.content
    return list(answer.json())


def test_item_says_what_its_reader_may_know(alice: User) -> None:
    with time_machine.travel(NOW, tick=False):
        write(alice, actor=Actor.by_api(alice), changes={"waiting_room": (False, True), "password": ("a", "b")})
        found = listed(alice)
    row = Audience.objects.get()
    assert found == [
        {
            "id": f"{row.transaction_id:x}-{row.activity_id:x}",
            "kind": "room.updated",
            "time": "2026-11-23T09:00:00Z",
            "actor": {"kind": "user", "id": str(alice.pk), "name": "Alice Example"},
            "subject": {"type": "room", "id": str(ROOM)},
            "room": str(ROOM),
            "event": str(EVENT),
            "title": "Review",
            "data": {"title": "Review", "owner_id": "", "has_password": False, "waiting_room": False},
            "changes": {"waiting_room": {"old": False, "new": True}, "password": None},
            "read_before": True,
            "reads_after": True,
        }
    ]


def test_staff_jobs_and_services_have_no_name_and_guests_no_id(alice: User) -> None:
    guest, participant = uuid.uuid4(), uuid.uuid4()
    for actor in (
        Actor.by_admin(factories.staff()),
        Actor.by_job("deliver-mail"),
        Actor.by_service("identity provider"),
        Actor.by_guest(guest, "Eve"),
        Actor.by_participant(participant, "Frank"),
    ):
        write(alice, actor=actor)
    assert [item["actor"] for item in reversed(listed(alice))] == [
        {"kind": "staff", "id": None, "name": ""},
        {"kind": "job", "id": None, "name": ""},
        {"kind": "service", "id": None, "name": ""},
        {"kind": "guest", "id": None, "name": "Eve"},
        {"kind": "participant", "id": str(participant), "name": "Frank"},
    ]


def test_each_person_has_a_list_of_their_own(alice: User) -> None:
    bob, foreigner = factories.user("bob"), factories.user("foreigner", tenant=factories.tenant("another"))
    gone = RoomDeleted(title="", owner_id="", has_password=False, waiting_room=False)
    write(alice, bob)
    write(bob)
    write(bob, kind=gone, after=People())
    seen = [(item["kind"], item["reads_after"]) for item in listed(bob)]
    assert seen == [("room.deleted", False), ("room.updated", True), ("room.updated", True)]
    assert len(listed(alice)) == 1
    assert listed(foreigner) == []


@pytest.mark.slow
def test_what_the_api_does_is_told_to_whom_it_concerns() -> None:
    circle = Circle()
    Activity.objects.all().delete()
    circle.api("creator").patch(circle.path, {"title": "Other"})
    (item,) = listed(circle.bob)
    assert (item["kind"], item["event"]) == ("event.updated", str(circle.event.pk))
    assert item["changes"] == {"title": {"old": "Team meeting", "new": "Other"}}
    assert listed(factories.user("stranger")) == []


def test_filters(alice: User) -> None:
    other = uuid.UUID(int=9)
    with time_machine.travel(NOW, tick=False):
        write(alice)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        write(alice, room=other, place=Place(room_id=other))
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        write(alice, kind=UserUnlocked(wrong_guesses=3), place=Place(), after=People(owner=alice.pk))
        cases: dict[tuple[str, str], list[int]] = {
            ("room", str(other)): [1],
            ("event", str(EVENT)): [0],
            ("kind", "room.updated"): [1, 0],
            ("kind", "room.updated,user.unlocked"): [2, 1, 0],
            ("kind", "event.created"): [],
            ("since", "2026-11-23T10:00:00Z"): [2, 1],
            ("until", "2026-11-23T11:00:00+01:00"): [0],
            ("room", str(uuid.uuid4())): [],
        }
        everything = [item["id"] for item in reversed(listed(alice))]
        for (name, value), expected in cases.items():
            found = [everything.index(item["id"]) for item in listed(alice, **{name: value})]
            assert found == expected, (name, value)


def pages(user: User, **query: Any) -> list[list[str]]:
    """The ids on each page, by the Link header."""
    found, path = [], PATH
    while path:
        answer = Api(user).get(path, **query)
        found.append([item["id"] for item in answer.json()])
        link = re.fullmatch(r'<http://testserver(.*)>; rel="after"', answer.headers.get("Link", ""))
        path, query = (link[1] if link else ""), {}
    return found


def test_pages_stay_put_while_rows_arrive(alice: User) -> None:
    for _number in range(5):
        write(alice)
    before = [item["id"] for item in listed(alice)]
    answer = Api(alice).get(PATH, per_page=2)
    write(alice)
    link = re.fullmatch(r'<http://testserver(.*)>; rel="after"', answer["Link"])
    assert link is not None
    assert [item["id"] for item in answer.json()] == before[:2]
    assert [item["id"] for item in Api(alice).get(link[1]).json()] == before[2:4]
    assert [len(ids) for ids in pages(alice, per_page=2)] == [2, 2, 2]


def test_filters_look_at_so_many_rows_and_the_next_page_goes_on(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_SEARCHED", 4)
    other = uuid.UUID(int=9)
    for room in (other, ROOM, ROOM, ROOM, ROOM, ROOM, other, other, ROOM):
        write(alice, room=room, place=Place(room_id=room))
    assert [len(ids) for ids in pages(alice, room=str(other), per_page=2)] == [2, 0, 1]
    assert [len(ids) for ids in pages(alice, room=str(ROOM), per_page=2)] == [2, 2, 2]


def test_statements_are_the_same_for_one_row_and_for_many(alice: User) -> None:
    api = Api(alice)
    api.get(PATH)

    def cost(**query: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(PATH, **query).status_code == 200
        return len(captured)

    write(alice)
    few = cost(), cost(room=str(ROOM))
    for _number in range(40):
        write(alice)
    assert (cost(), cost(room=str(ROOM), per_page=10)) == (2, 2)
    assert few == (2, 3)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"kind": "room.painted"}, "kind"),
        ({"kind": "\0"}, "kind"),
        ({"room": "x"}, "room"),
        ({"event": "\0"}, "event"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-11-23T10:00:00"}, "until"),
        ({"per_page": "many"}, "per_page"),
        ({"after": "nonsense"}, "after"),
        ({"after": "WzEsMiwzXQ"}, "after"),  # [1,2,3]
        ({"after": "WzEsIngiXQ"}, "after"),  # [1,"x"]
        ({"after": "WzEsOTIyMzM3MjAzNjg1NDc3NTgwOF0"}, "after"),  # [1,2**63]
        ({"after": "WzEsdHJ1ZV0"}, "after"),  # [1,true]
    ],
)
def test_bad_query_is_named(alice: User, query: dict[str, str], name: str) -> None:
    answer = Api(alice).get(PATH, **query)
    assert answer.status_code == 400
    assert f"parameter {name} " in answer.json()["message"]
