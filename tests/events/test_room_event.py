"""GET /v1/rooms/{id}/event (contract 2.4, 4.7)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from events.models import Event
from invites.models import InviteCode
from rooms.models import Room
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.sweeps import sweep
from users.models import Tariff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)


def read(circle: Circle, who: str = "guest") -> Any:
    answer = circle.api(who).get(f"{circle.room_path}/event")
    assert answer.status_code == 200
    return answer.json()


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", 200),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=2,
)
def test_people_of_the_meeting_and_guests_may_read(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).get(f"{circle.room_path}/event").status_code == status


@pytest.mark.slow
@pytest.mark.parametrize("is_adhoc", [True, False])
def test_whole_answer_is_the_same_for_all_and_shows_no_way_in(is_adhoc: bool, settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = Circle(password="open sesame", is_adhoc=is_adhoc, streaming_targets=[factories.STREAM])
    for who in ("guest", "invitee", "creator"):
        assert read(circle, who) == {
            "id": str(circle.event.pk),
            "room_id": str(circle.event.room_id),
            "title": "Team meeting",
            "is_adhoc": is_adhoc,
            "e2e_encryption": False,
        }


@pytest.mark.slow
def test_details_are_shown_where_the_creator_says_so(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = Circle(password="open sesame", show_meeting_details=True, streaming_targets=[factories.STREAM])
    seen = read(circle)
    config = circle.event.room.sip_config
    assert seen["meeting_details"] == {
        "invite_code_id": str(InviteCode.objects.get().code),
        "call_in": {"tel": "+493012345678", "id": config.sip_id, "password": config.password},
        "streaming_links": [{"name": "Video site", "url": "https://video.example.org/42"}],
    }
    assert "open sesame" not in str(seen)
    assert "s3cr3t" not in str(seen)


def test_details_without_any_are_an_empty_list_of_streams() -> None:
    circle = Circle(show_meeting_details=True)
    assert read(circle, "invitee")["meeting_details"] == {"streaming_links": []}


def code(circle: Circle, **fields: Any) -> str:
    values = {"room": circle.event.room, "created_by": circle.alice, "updated_by": circle.alice, "updated_at": NOW}
    return str(InviteCode.objects.create(**values | fields).code)


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
def test_code_in_the_details_is_valid_now_and_lasts_longest() -> None:
    circle = Circle(show_meeting_details=True)
    hour = timedelta(hours=1)

    def shown() -> str | None:
        return read(circle, "invitee")["meeting_details"].get("invite_code_id")

    code(circle, active=False)
    code(circle, expiration=NOW)
    circle.invite("dora@example.org")
    assert shown() is None
    soon = code(circle, expiration=NOW + hour)
    assert shown() == soon
    later = code(circle, expiration=NOW + 2 * hour)
    code(circle, expiration=NOW + hour)
    assert shown() == later
    permanent = code(circle)
    code(circle, expiration=NOW + 3 * hour)
    assert shown() == permanent


def test_room_without_a_meeting_is_not_found() -> None:
    alice = factories.user("alice")
    room = Room.objects.create(tenant=alice.tenant, created_by=alice)
    guest = InviteCode.objects.create(room=room, created_by=alice, updated_by=alice)
    for api in (Api(alice), Api(authorization=f"InviteCode {guest.pk}")):
        answer = api.get(f"/v1/rooms/{room.pk}/event")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("now", "part"),
    [("2026-11-01", "second"), ("2026-11-23T09:30", "first"), ("2026-11-30T09:30", "second"), ("2027-01-01", "second")],
)
def test_of_a_split_series_the_part_that_is_on_else_the_last(now: str, part: str) -> None:
    circle = Circle(title="first")
    second = factories.event(
        circle.alice,
        title="second",
        schedule=factories.schedule(
            starts_at=datetime(2026, 11, 30, 9, tzinfo=UTC), ends_at=datetime(2026, 11, 30, 10, tzinfo=UTC)
        ),
    )
    Event.objects.filter(pk=circle.event.pk).update(continued_by=second)
    Event.objects.filter(pk=second.pk).update(room=circle.event.room)
    with time_machine.travel(datetime.fromisoformat(now).replace(tzinfo=UTC), tick=False):
        assert read(circle, "invitee")["title"] == part


def test_call_in_is_not_shown_where_it_does_not_work(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = Circle(show_meeting_details=True)
    Tariff.objects.update(disabled_features=["call_in"])
    assert "call_in" not in read(circle)["meeting_details"]
