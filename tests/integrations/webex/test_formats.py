"""What each kind of activity is in the words of Webex."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from activity.audiences import Place
from activity.kind import Kind
from activity.kinds import KINDS, EventUpdated, InviteAnswered
from activity.log import record
from activity.meeting_kinds import (
    ChatHistoryCleared,
    ChatMessageSent,
    MeetingEnded,
    MeetingStarted,
    ParticipantJoined,
    RecordingStarted,
)
from activity.models import Activity
from activity.room_kinds import AssetCreated
from integrations.webex import ids
from integrations.webex.events import made_of
from integrations.webex.formats import FORMATS
from integrations.webex.formats.table import RESOURCES, TYPES
from signaling.models import RoomSession
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.integrations.webex.seed import check
from tests.integrations.webex.world import person_id
from tests.rooms.assets import asset

pytestmark = pytest.mark.django_db


@transaction.atomic
def happened(kind: Kind, circle: Circle, actor: Actor | None = None, **more: Any) -> None:
    room = circle.event.room
    place = Place(tenant_id=room.tenant_id, room_id=room.pk, event_id=circle.event.pk, title=circle.event.title)
    record(kind, actor=actor or Actor.by_job("test"), subject=more.pop("subject", room), place=place, **more)


def told(*kinds: str) -> list[dict[str, Any]]:
    """Events of these kinds, the oldest first; all of them fit the seed's schema."""
    rows = list(Activity.objects.filter(kind__in=kinds).order_by("position"))
    found = [made.resource() for made in made_of(rows) if made.event.is_listed]
    for event in found:
        check(event)
    return found


def pairs(events: list[dict[str, Any]]) -> list[str]:
    return [f"{event['resource']}/{event['type']}" for event in events]


def place_of(circle: Circle) -> dict[str, Any]:
    room = circle.event.room
    return {
        "orgId": ids.written("ORGANIZATION", room.tenant_id),
        "roomId": ids.written("ROOM", room.pk),
        "roomType": "group",
    }


# --- Who is invited ---


def test_memberships_from_invitation_to_the_end() -> None:
    circle, frank = Circle(), factories.user("frank")
    circle.invite(frank)
    circle.invite("eve@example.org", role="moderator")
    frank_id = str(frank.pk)
    alice = circle.api("creator")
    frank_api = Api(frank)
    frank_api.patch(f"{circle.path}/invite", {"status": "tentative"})
    frank_api.delete(f"{circle.path}/invite")
    alice.patch(f"{circle.path}/invites/{frank_id}", {"role": "moderator"})
    alice.delete(f"{circle.path}/invites/{frank_id}")
    found = told("invite.added", "invite.answered", "invite.updated", "invite.removed")
    bob, franks, eve = found[0], [one for one in found if one["data"].get("personId") == person_id(frank)], found[2]
    assert pairs(franks) == [
        "memberships/created", "memberships/updated", "memberships/deleted", "memberships/updated",
        "memberships/deleted",
    ]  # fmt: skip
    membership = franks[0]["data"]["id"]
    assert {one["data"]["id"] for one in franks} == {membership}
    assert franks[0]["data"] == place_of(circle) | {
        "id": membership,
        "personId": person_id(frank),
        "personEmail": frank.email,
        "isModerator": False,
        "created": franks[0]["created"],
    }
    assert franks[0]["actorId"] == person_id(circle.alice)
    assert franks[1]["data"] == place_of(circle) | {
        "id": membership,
        "personId": person_id(frank),
        "personEmail": frank.email,
        "status": "tentative",
    }
    assert (franks[2]["data"]["status"], franks[3]["data"]["isModerator"]) == ("declined", True)
    assert bob["data"]["personId"] == person_id(circle.bob)
    assert eve["data"]["personEmail"] == "eve@example.org"
    assert ("personId" in eve["data"], eve["data"]["isModerator"]) == (False, True)


def test_answer_of_somebody_else_or_for_one_date_is_no_membership() -> None:
    circle = Circle()
    answer: dict[str, Any] = {"address": "x@example.org", "invitee_id": None, "status": "accepted", "comment": ""}
    answer |= {"invited_address": "", "former_status": ""}
    happened(InviteAnswered(**answer, occurrence=None, is_by_invitee=False), circle)
    happened(InviteAnswered(**answer, occurrence="20261130T090000Z", is_by_invitee=True), circle)
    assert told("invite.answered") == []


# --- Meetings as they are planned ---


def test_meeting_from_its_creation_to_its_end() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    api, occurrence = circle.api("creator"), "20261130T090000Z"
    api.patch(circle.path, {"title": "Review"})
    api.patch(f"{circle.path}/instances/{occurrence}", {"title": "Special"})
    api.patch(f"{circle.path}/instances/{occurrence}", {"status": "cancelled"})
    api.delete(circle.path)
    found = told("event.created", "event.updated", "event.instance_updated", "event.deleted")
    assert pairs(found) == [
        "meetings/created", "meetings/updated", "meetings/updated", "meetings/deleted", "meetings/deleted",
    ]  # fmt: skip
    event_id, alice = str(circle.event.pk), person_id(circle.alice)
    assert found[0]["data"] == place_of(circle) | {
        "id": event_id,
        "meetingId": event_id,
        "title": circle.event.title,
        "creatorId": alice,
        "host": {"id": alice, "email": circle.alice.email},
        "attendees": [],
        "start": "2026-11-23T09:00:00.000Z",
        "end": "2026-11-23T10:00:00.000Z",
        "created": found[0]["created"],
    }
    assert found[1]["data"]["attendees"] == [person_id(circle.bob)]
    assert [one["data"]["meetingId"] for one in found[2:]] == [
        f"{event_id}_I_{occurrence}",
        f"{event_id}_I_{occurrence}",
        event_id,
    ]


def test_folder_and_streams_of_a_meeting_are_tabs() -> None:
    circle = Circle()
    created = Activity.objects.get(kind="event.created")
    for changes in (
        {"has_shared_folder": (False, True)},
        {"streaming_targets": ([], ["Video portal"])},
        {"has_shared_folder": (True, False)},
        {"title": ("a", "b")},
    ):
        happened(
            EventUpdated(**created.data), circle, Actor.by_api(circle.alice), subject=circle.event, changes=changes
        )
    found = told("event.updated")
    assert pairs(found) == [
        "meetings/updated", "tabs/created", "meetings/updated", "tabs/created", "meetings/updated", "tabs/deleted",
        "meetings/updated",
    ]  # fmt: skip
    assert found[1]["data"] == place_of(circle) | {
        "id": ids.written("ROOM_TAB", circle.event.pk),
        "creatorId": person_id(circle.alice),
        "created": found[1]["created"],
    }
    assert len({one["id"] for one in found}) == len(found)


# --- Rooms and files ---


def test_room_is_created_changed_and_deleted() -> None:
    alice = factories.user("alice")
    api = Api(alice)
    room_id = api.post("/v1/rooms", {"waiting_room": True}).json()["id"]
    api.patch(f"/v1/rooms/{room_id}", {"waiting_room": False})
    api.delete(f"/v1/rooms/{room_id}")
    found = told("room.created", "room.updated", "room.deleted")
    assert pairs(found) == ["rooms/created", "rooms/updated", "rooms/deleted"]
    assert {one["data"]["id"] for one in found} == {ids.written("ROOM", room_id)}
    assert {one["data"]["creatorId"] for one in found} == {person_id(alice)}


def test_file_is_uploaded_and_deleted() -> None:
    circle = Circle()
    file = asset(circle.event.room)
    snapshot = {"filename": file.filename, "namespace": "", "size": 6}
    for kind in ("recording", "transcript", "whiteboard"):
        happened(AssetCreated(**snapshot, kind=kind), circle, Actor.by_api(circle.alice), subject=file)
    circle.api("creator").delete(f"{circle.room_path}/assets/{file.pk}")
    found = [
        one for one in told("asset.created", "asset.deleted") if one["data"]["id"] == ids.written("CONTENT", file.pk)
    ]
    found = found[-6:]
    assert pairs(found) == [
        "files/created", "convergedRecordings/created", "files/created", "meetingTranscripts/created", "files/created",
        "files/deleted",
    ]  # fmt: skip
    assert found[0]["data"] == place_of(circle) | {
        "id": ids.written("CONTENT", file.pk),
        "text": file.filename,
        "personId": person_id(circle.alice),
        "personEmail": circle.alice.email,
        "created": found[0]["created"],
    }
    assert found[1]["data"] == found[0]["data"] | {"meetingId": str(circle.event.pk)}


# --- Meetings as they are held ---


def presence(person: Any = None, name: str = "Guest", place: uuid.UUID | None = None) -> dict[str, Any]:
    return {
        "participant_id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "user_id": str(person.pk) if person else None,
        "display_name": name,
        "participation_kind": "user" if person else "guest",
        "breakout_room": str(place) if place else None,
    }


def hold(circle: Circle, *people: Any, is_recorded: bool = False, says: str = "") -> RoomSession:
    """A live meeting that alice begins and that ends; a guest is there too."""
    now = datetime.now(UTC)
    session = RoomSession.objects.create(room=circle.event.room, opened_at=now, ended_at=now)
    happened(MeetingStarted(session=str(session.pk)), circle)
    for person in people:
        happened(ParticipantJoined(**presence(person, person.email)), circle)
        happened(ParticipantJoined(**presence(person, person.email)), circle)  # and comes again
    happened(ParticipantJoined(**presence()), circle)
    if is_recorded:
        target = {"target_id": "", "target": "", "target_kind": "recording", "breakout_room": None}
        happened(RecordingStarted(**target), circle)
    if says:
        message_id = str(uuid.uuid4())
        session.entries.create(namespace="chat", at=now, data={"id": message_id, "content": says, "scope": "global"})
        happened(
            ChatMessageSent(**presence(people[0], "Alice"), message_id=message_id), circle, Actor.by_api(people[0])
        )
    happened(MeetingEnded(session=str(session.pk)), circle)
    return session


def test_ended_meeting_says_who_was_there_and_what_it_had() -> None:
    circle = Circle()
    first = hold(circle, circle.alice, circle.bob, is_recorded=True, says="Hello")
    second = hold(circle, circle.bob)
    found = told("meeting.ended")
    alice = person_id(circle.alice)
    assert pairs(found) == ["meetings/ended"] * 2
    assert found[0]["data"] == place_of(circle) | {
        "id": str(first.pk),
        "meetingId": f"{circle.event.pk}_I_{first.pk}",
        "title": circle.event.title,
        "creatorId": alice,
        "host": {"id": alice, "email": circle.alice.email},
        "attendees": sorted([alice, person_id(circle.bob)], key=lambda text: str(ids.read(text, "PEOPLE"))),
        "recordingEnabled": "yes",
        "transcriptionEnabled": "no",
        "hasPostMeetingsChat": "yes",
    }
    assert found[1]["data"] == found[0]["data"] | {
        "id": str(second.pk),
        "meetingId": f"{circle.event.pk}_I_{second.pk}",
        "attendees": [person_id(circle.bob)],
        "recordingEnabled": "no",
        "hasPostMeetingsChat": "no",
    }


def test_ended_meeting_of_a_room_that_is_gone_keeps_its_host() -> None:
    circle = Circle()
    hold(circle, circle.bob)
    circle.api("creator").delete(circle.path)
    (ended,) = told("meeting.ended")
    assert ended["data"]["host"] == {"id": person_id(circle.alice), "email": circle.alice.email}


@pytest.mark.parametrize(("days", "text"), [(30, {"text": "Hello"}), (0, {})])
def test_chat_has_its_text_where_the_site_keeps_chats(days: int, text: dict[str, str], settings: Any) -> None:
    settings.CHAT_DAYS = days
    circle = Circle()
    session = hold(circle, circle.alice, says="Hello")
    (event,) = told("chat.message_sent")
    message = Activity.objects.get(kind="chat.message_sent").data["message_id"]
    assert pairs([event]) == ["meetingMessages/created"]
    assert event["data"] == place_of(circle) | text | {
        "id": ids.written("MESSAGE", message),
        "meetingId": f"{circle.event.pk}_I_{session.pk}",
        "personId": person_id(circle.alice),
        "personEmail": circle.alice.email,
        "created": event["created"],
    }


def test_guest_in_a_breakout_room_clears_the_chat() -> None:
    circle, place, guest = Circle(), uuid.uuid4(), uuid.uuid4()
    happened(ChatHistoryCleared(**presence(None, "Guest", place)), circle, Actor.by_participant(guest, "Guest"))
    (event,) = told("chat.history_cleared")
    assert pairs([event]) == ["meetingMessages/deleted"]
    assert (event["actorId"], event["data"]["personId"]) == (ids.written("PEOPLE", guest),) * 2
    assert event["data"]["breakoutSessionId"] == str(place)
    assert "personEmail" not in event["data"]


# --- What holds for all ---


def test_jobs_act_as_the_system() -> None:
    circle = Circle()
    happened(MeetingEnded(session=str(uuid.uuid4())), circle)
    assert told("meeting.ended")[0]["actorId"] == ids.written("PEOPLE", ids.SYSTEM)


def test_words_are_those_of_the_seed() -> None:
    listed = [event for events in FORMATS.values() for event in events if event.is_listed]
    assert {event.resource for event in listed} <= set(RESOURCES)
    assert {event.type for event in listed} <= set(TYPES)


@pytest.mark.slow
def test_page_costs_the_same_statements_however_many_it_shows(settings: Any) -> None:
    settings.CHAT_DAYS = 30
    circle = Circle()

    def cost() -> int:
        rows = list(Activity.objects.order_by("position"))
        with CaptureQueriesContext(connection) as captured:
            list(made_of(rows))
        return len(captured)

    hold(circle, circle.alice, is_recorded=True, says="Hello")
    few = cost()
    for _time in range(5):
        hold(circle, circle.alice, circle.bob, is_recorded=True, says="Hello")
    assert cost() == few


def test_old_versions_of_kinds_are_told_too() -> None:
    """Members that they lack are left out."""
    circle = Circle()
    event = {"title": "Old", "is_time_independent": False, "starts_at": None, "ends_at": None, "sequence": 0}
    old = {
        "event.created": event,
        "event.deleted": event,
        "event.instance_updated": event | {"occurrence": "20261130T090000Z", "status": "ok"},
        "room.created": {"has_password": False, "waiting_room": False},
        "room.deleted": {},
        "invite.answered": {
            "address": "x@example.org", "invitee_id": None, "status": "accepted", "comment": "", "occurrence": None,
        },
    }  # fmt: skip
    Activity.objects.all().delete()
    for kind, data in old.items():
        assert kind in KINDS
        Activity.objects.create(
            occurred_at=datetime.now(UTC), kind=kind, data=data, data_version=1, actor_kind="job", via="job",
            subject_id=uuid.uuid4(), tenant_id=circle.alice.tenant_id,
        )  # fmt: skip
    assert len(told(*old)) == len(old)
