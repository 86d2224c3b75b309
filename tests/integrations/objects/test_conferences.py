"""What others report of the people in a room, beside this site's own live meeting."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity, Audience
from integrations.objects import presence
from integrations.objects.models import ReportedConference, ReportedMember
from integrations.objects.presence import Member
from integrations.objects.services import conferences
from integrations.objects.signals import passing
from rooms.models import Room
from signaling.services.staff import end_meeting
from tests.circle import Circle
from tests.integrations.objects.live import join

pytestmark = pytest.mark.django_db
A, B, C = (uuid.UUID(int=number) for number in (1, 2, 3))
BRIDGE = Actor.by_service("bridge")


@pytest.fixture(autouse=True)
def frozen() -> Iterator[Any]:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def passed() -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []

    def hear(sender: Any, signal: Any, **sent: Any) -> None:
        found.append(sent)

    passing.connect(hear)
    yield found
    passing.disconnect(hear)


def report(room: Room, source: str = "bridge", seconds: int = 90, **members: Member) -> list[str]:
    """What the log has of it."""
    last = Activity.objects.count()
    conferences.report_members(
        room=room,
        source=source,
        members={uuid.UUID(int=int(name[1:])): member for name, member in members.items()},
        expires_at=conferences.lifetime(seconds),
        actor=BRIDGE,
    )
    return logged(last)


def logged(last: int = 0) -> list[str]:
    return list(Activity.objects.order_by("position").values_list("kind", flat=True))[last:]


def test_differences_are_the_events(passed: list[dict[str, Any]]) -> None:
    circle = Circle()
    room = circle.event.room
    phone = Member(phone="+492216698000", talk=True)
    assert report(room, m1=phone) == ["meeting.started", "participant.joined"]
    assert report(room, m1=phone) == []
    assert report(room, m1=Member(phone="+492216698000", mute=True), m2=Member(user_id=circle.bob.pk)) == [
        "participant.joined"
    ]
    assert report(room, m2=Member(user_id=circle.bob.pk, volume_in=-4)) == ["participant.left"]
    assert report(room) == ["participant.left", "meeting.ended"]
    assert report(room) == []
    assert [(sent["name"], sent["object_id"], sent["data"]["member"], sent["key"]) for sent in passed] == [
        ("conference_update", room.pk, {str(A): {"mute": True, "talk": False}}, f"conference {room.pk} {A} mute talk"),
        ("conference_update", room.pk, {str(B): {"volume_in": -4}}, f"conference {room.pk} {B} volume_in"),
    ]
    started, ended = Activity.objects.filter(kind__startswith="meeting").order_by("position")
    assert started.data == ended.data
    assert (started.actor_name, started.room_id, started.tenant_id) == ("bridge", room.pk, room.tenant_id)
    told = Audience.objects.filter(activity=started).values_list("user_id", flat=True)
    assert set(told) == {circle.alice.pk, circle.bob.pk}


def test_joined_member_is_told_as_those_of_the_live_meeting() -> None:
    circle = Circle()
    report(circle.event.room, m1=Member(phone="+49"), m2=Member(user_id=circle.bob.pk, display_name="Bob"))
    assert [row.data for row in Activity.objects.filter(kind="participant.joined").order_by("position")] == [
        {
            "participant_id": str(A),
            "user_id": None,
            "display_name": "+49",
            "participation_kind": "sip",
            "breakout_room": None,
        },
        {
            "participant_id": str(B),
            "user_id": str(circle.bob.pk),
            "display_name": "Bob",
            "participation_kind": "user",
            "breakout_room": None,
        },
    ]


def test_two_sources_are_one_conference() -> None:
    room = Circle().event.room
    assert report(room, m1=Member()) == ["meeting.started", "participant.joined"]
    assert report(room, "other", m1=Member(), m2=Member()) == ["participant.joined"]
    assert report(room) == []  # the other one still sees the first
    assert set(presence.members(room.pk)) == {A, B}
    assert report(room, "other") == ["participant.left", "participant.left", "meeting.ended"]


def test_status_has_phone_and_user_where_they_are_known() -> None:
    circle = Circle()
    report(circle.event.room, m1=Member(phone="+49", floor=True), m2=Member(user_id=circle.bob.pk, volume_out=4))
    quiet = {"mute": False, "deaf": False, "talk": False, "floor": False, "volume_in": 0, "volume_out": 0}
    assert {key: member.told() for key, member in presence.members(circle.event.room_id).items()} == {
        A: {"phone": "+49"} | quiet | {"floor": True},
        B: {"user": str(circle.bob.pk)} | quiet | {"volume_out": 4},
    }


def test_who_is_not_reported_any_more_has_left(frozen: Any) -> None:
    room = Circle().event.room
    report(room, m1=Member())
    report(room, "other", 300, m2=Member())
    frozen.shift(timedelta(seconds=91))
    assert set(presence.members(room.pk)) == {B}
    assert conferences.expired() == {room.pk}
    last = len(logged())
    conferences.expire_members(room=room, actor=Actor.by_job("expire-members"))
    assert logged(last) == ["participant.left"]
    frozen.shift(timedelta(seconds=300))
    conferences.expire_members(room=room, actor=Actor.by_job("expire-members"))
    assert logged(last) == ["participant.left", "participant.left", "meeting.ended"]
    assert conferences.expired() == set()


def test_some_change_and_the_others_stay(frozen: Any) -> None:
    room = Circle().event.room

    def change(left: list[uuid.UUID], **members: Member) -> None:
        conferences.change_members(
            room=room,
            source="livekit",
            members={uuid.UUID(int=int(name[1:])): member for name, member in members.items()},
            left=left,
            expires_at=conferences.lifetime(60),
            actor=BRIDGE,
        )

    change([], m1=Member(), m2=Member())
    frozen.shift(timedelta(seconds=50))
    change([B], m3=Member(mute=True))
    frozen.shift(timedelta(seconds=50))
    assert set(presence.members(room.pk)) == {A, C}


def test_own_live_meeting_and_reports_are_one_conference() -> None:
    circle = Circle()
    room = circle.event.room
    person = join(circle.alice, room)
    last = len(logged())
    assert report(room, "livekit", **{f"m{person.int}": Member(mute=True)}) == []
    (told,) = presence.members(room.pk).values()
    assert (told.user_id, told.mute, told.is_own) == (circle.alice.pk, True, True)
    assert report(room, "livekit", **{f"m{person.int}": Member(mute=True)}, m1=Member(phone="+49")) == [
        "participant.joined"
    ]
    end_meeting(room_id=room.pk, actor=Actor.by_admin(circle.alice))
    assert logged(last + 1) == ["participant.left", "meeting.ended", "meeting.started"]
    assert report(room, "livekit") == ["participant.left", "participant.left", "meeting.ended"]


def test_number_of_statements_does_not_grow_with_the_members(django_assert_max_num_queries: Any) -> None:
    room = Circle().event.room
    report(room, m1=Member())
    with django_assert_max_num_queries(20):
        report(room, **{f"m{number}": Member() for number in range(2, 42)})
    assert ReportedConference.objects.count() == 1
    assert ReportedMember.objects.count() == 40


def test_lifetime_is_from_now() -> None:
    assert conferences.lifetime(90) == timezone.now() + timedelta(seconds=90)
