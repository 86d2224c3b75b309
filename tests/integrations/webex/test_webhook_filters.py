"""What each filter lets through, of what really happens."""

import orjson
import pytest
from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.log import record
from activity.meeting_kinds import MeetingStarted
from activity.room_kinds import AssetCreated
from events.services.events import delete_event
from events.services.invitations import invite_user
from integrations.deliveries.models import Delivery
from integrations.webex import ids
from integrations.webex.webhook_filters import matches
from rooms.services import create_room
from tests import factories
from tests.circle import Circle as Meeting
from tests.integrations.webex.hooks import webhook_of
from tests.integrations.webex.world import officer

pytestmark = pytest.mark.django_db


def heard() -> list[str]:
    rows = Delivery.objects.order_by("position")
    return [orjson.loads(bytes(row.body or b""))["name"] for row in rows]


def test_memberships_by_room_person_address_and_role() -> None:
    meeting, carol = Meeting(), factories.user("carol")
    filters = {
        "this room": f"roomId={ids.written(ids.ROOM, meeting.event.room_id)}",
        "this room, by its bare id": f"roomId={meeting.event.room_id}",
        "another room": f"roomId={ids.written(ids.ROOM, carol.pk)}",
        "carol": f"personId={ids.written(ids.PERSON, carol.pk)}%3D%3D",
        "bob": f"personId={ids.written(ids.PERSON, meeting.bob.pk)}",
        "her address": "personEmail=CAROL@example.com",
        "his address": "personEmail=bob@example.com",
        "moderators": "isModerator=true",
        "others": "isModerator=false",
        "carol as moderator": f"personId={carol.pk}&isModerator=true",
    }
    for name, text in filters.items():
        webhook_of(meeting.alice, name=name, resource="memberships", filter=text)
    invite_user(event=meeting.event, invitee=carol, role="moderator", actor=Actor.by_api(meeting.alice))
    assert heard() == [
        "this room", "this room, by its bare id", "carol", "her address", "moderators", "carol as moderator",
    ]  # fmt: skip


def test_rooms_by_type_and_lock() -> None:
    alice = factories.user("alice")
    for text in ("type=group", "type=direct", "isLocked=false", "isLocked=true", "type=group&isLocked=false"):
        webhook_of(alice, name=text, resource="rooms", filter=text)
    create_room(creator=alice, actor=Actor.by_api(alice))
    assert heard() == ["type=group", "isLocked=false", "type=group&isLocked=false"]


def test_meetings_by_host() -> None:
    boss = officer("boss")
    meeting = Meeting()
    alice, bob = meeting.alice, meeting.bob
    hers = [f"hostEmail={alice.email.upper()}", f"hostUserId={alice.pk}"]
    for text in (*hers, f"hostUserId={bob.pk}", "hostEmail=bob@example.com"):
        webhook_of(boss, name=text, resource="meetings", filter=text, owned_by="org")
    live(meeting)
    delete_event(event=meeting.event, actor=Actor.by_api(meeting.alice))
    assert heard() == hers * 2


@transaction.atomic
def live(meeting: Meeting) -> None:
    room = meeting.event.room
    place = Place(tenant_id=room.tenant_id, room_id=room.pk, event_id=meeting.event.pk, title="Weekly")
    circle = Circle(owner=meeting.alice.pk, readers=frozenset({meeting.bob.pk}))
    record(MeetingStarted(session="7"), actor=Actor.by_job("test"), subject=room, place=place, after=circle)


def test_messages_by_what_they_are() -> None:
    room, person = ids.written(ids.ROOM, factories.user("a").pk), ids.written(ids.PERSON, factories.user("b").pk)
    data = {"roomId": room, "roomType": "group", "personId": person, "personEmail": "b@example.com"}
    for text, expected in (
        (f"roomId={room}", True),
        ("roomType=group", True),
        ("roomType=direct", False),
        (f"personId={person}=", True),
        (f"personId={room}", False),
        ("personEmail=B@EXAMPLE.COM", True),
        ("hasFiles=false", True),
        ("hasFiles=true", False),
        (f"roomId={room}&hasFiles=true", False),
        ("", True),
    ):
        assert matches(text, data) is expected, text
    assert not matches(f"personId={person}", {"roomId": room})
    assert not matches("isModerator=false", {"roomId": room})


def test_recording_is_told_by_both_names() -> None:
    """A person hears of it as a recording; compliance officers also by the name that events have."""
    meeting, boss = Meeting(), officer("boss")
    webhook_of(meeting.alice, name="recordings", resource="recordings", event="created")
    webhook_of(boss, name="converged", resource="convergedRecordings", owned_by="org")
    webhook_of(meeting.alice, name="transcripts", resource="meetingTranscripts")
    with transaction.atomic():
        for kind in ("recording", "transcript", "whiteboard"):
            told = AssetCreated(filename="film.webm", namespace="", kind=kind, size=1)
            room = meeting.event.room
            place = Place(tenant_id=room.tenant_id, room_id=room.pk)
            record(told, actor=Actor.by_job("test"), subject=room, place=place, after=Circle(owner=meeting.alice.pk))
    assert sorted(heard()) == ["converged", "recordings", "transcripts"]
