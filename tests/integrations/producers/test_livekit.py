"""POST /v1/services/livekit/webhook: LiveKit says who is connected and whose microphone is on."""

import base64
import hashlib
import itertools
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from django.test import Client

from activity.models import Activity
from integrations.objects import presence
from integrations.producers.livekit import forget
from integrations.producers.models import LiveKitNote
from tests.circle import Circle
from tests.integrations.objects.live import join

pytestmark = pytest.mark.django_db
PATH = "/v1/services/livekit/webhook"
KEY, SECRET = "devkey", "a secret of LiveKit with 32 characters or more"
NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = KEY, SECRET


def signed(body: bytes, secret: str = SECRET, **claims: Any) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    always = {"iss": KEY, "nbf": int(time.time()) - 1, "exp": int(time.time()) + 300, "sha256": digest}
    return jwt.encode(always | claims, secret, algorithm="HS256")


def post(body: bytes, token: str | None = None) -> Any:
    authorization = {"Authorization": signed(body) if token is None else token}
    return Client().post(PATH, body, content_type="application/webhook+json", headers=authorization)


class Room:
    """A room of LiveKit's."""

    def __init__(self, name: Any) -> None:
        self.name, self.sid = str(name), "RM_1"

    def say(self, event: str, identity: Any = "", sid: str = "PA_1", **members: Any) -> int:
        """`id` is another one each time unless it is given."""
        said: dict[str, Any] = {"event": event, "id": f"EV_{next(NUMBERS)}", "createdAt": "1795510800"}
        said["room"] = {"name": self.name, "sid": self.sid, "emptyTimeout": 300}
        if identity:
            said["participant"] = {"identity": str(identity), "sid": sid, "name": "Caller", "state": "ACTIVE"}
        status: int = post(json.dumps(said | members).encode()).status_code
        return status


def microphone(sid: str = "TR_1", **members: Any) -> dict[str, Any]:
    return {"track": {"sid": sid, "source": "MICROPHONE", "name": "mic"} | members}


def muted(circle: Circle) -> list[bool]:
    return [member.mute for member in presence.members(circle.event.room_id).values()]


def kinds() -> list[str]:
    found = Activity.objects.filter(actor_name="LiveKit").order_by("position")
    return list(found.values_list("kind", flat=True))


def test_microphone_of_people_of_the_live_meeting() -> None:
    circle = Circle()
    who = join(circle.alice, circle.event.room)
    room = Room(circle.event.room_id)
    assert room.say("room_started") == 200
    assert muted(circle) == [False]
    room.say("participant_joined", who)
    assert muted(circle) == [True]
    room.say("track_published", who, **microphone())
    assert muted(circle) == [False]
    room.say("track_published", who, track={"sid": "TR_2", "type": "VIDEO", "source": "CAMERA"})
    room.say("track_unpublished", who, track={"sid": "TR_2", "type": "VIDEO", "source": "CAMERA"})
    assert muted(circle) == [False]
    room.say("track_unpublished", who, **microphone())
    assert muted(circle) == [True]
    room.say("participant_left", who)
    room.say("room_finished")
    assert kinds() == []  # they are told by the live meeting itself
    assert len(presence.members(circle.event.room_id)) == 1


def test_caller_whom_livekit_let_in_comes_and_goes() -> None:
    circle = Circle()
    room = Room(f"{circle.event.room_id}:{uuid.uuid4()}")
    caller = {"participant": {"identity": "sip_1", "sid": "PA_1", "attributes": {"sip.phoneNumber": "+4930"}}}
    room.say("participant_joined", **caller)
    (member,) = presence.members(circle.event.room_id).values()
    assert (member.phone, member.mute) == ("+4930", True)
    room.say("participant_left", **caller)
    assert kinds() == ["meeting.started", "participant.joined", "participant.left", "meeting.ended"]


def test_room_that_is_over_has_nobody() -> None:
    circle = Circle()
    room = Room(circle.event.room_id)
    room.say("participant_joined", "sip_1")
    room.say("room_finished")
    room.say("participant_joined", "sip_2", sid="PA_2")  # late
    assert presence.members(circle.event.room_id) == {}
    room.sid = "RM_2"
    room.say("participant_joined", "sip_3", sid="PA_3")
    assert len(presence.members(circle.event.room_id)) == 1


def test_what_comes_twice_or_late_changes_nothing() -> None:
    circle = Circle()
    room = Room(circle.event.room_id)
    room.say("participant_left", "sip_1")
    room.say("participant_joined", "sip_1")
    assert presence.members(circle.event.room_id) == {}
    room.say("track_published", "sip_1", sid="PA_2", **microphone())
    room.say("participant_joined", "sip_1", sid="PA_2")
    assert muted(circle) == [False]
    room.say("track_unpublished", "sip_1", sid="PA_2", id="EV_same", **microphone())
    room.say("track_published", "sip_1", sid="PA_2", **microphone("TR_9"))
    room.say("track_unpublished", "sip_1", sid="PA_2", id="EV_same", **microphone("TR_9"))
    room.say("track_published", "sip_1", sid="PA_2", muted=True, **microphone("TR_1", muted=True))
    assert muted(circle) == [False]


def test_old_connection_ends_after_the_new_one_has_begun() -> None:
    circle = Circle()
    room = Room(circle.event.room_id)
    room.say("participant_joined", "sip_1")
    room.say("participant_joined", "sip_1", sid="PA_2")
    room.say("participant_left", "sip_1")
    assert len(presence.members(circle.event.room_id)) == 1
    room.say("participant_left", "sip_1", sid="PA_2")
    assert presence.members(circle.event.room_id) == {}


def test_windows_recorders_and_unknown_people_are_no_members() -> None:
    circle = Circle()
    recorder = join(None, circle.event.room, kind="recorder")
    room = Room(circle.event.room_id)
    for identity in (recorder, uuid.uuid4(), f"{uuid.uuid4()}-popout1"):
        assert room.say("participant_joined", identity) == 200
    assert presence.members(circle.event.room_id) == {}


def test_who_is_not_livekit_is_refused(settings: Any) -> None:
    body = json.dumps({"event": "room_started"}).encode()
    for token in (
        "",
        "x.y.z",
        signed(b"{}"),
        signed(body, "another secret with 32 characters or more"),
        signed(body, iss="other"),
        signed(body, exp=int(time.time()) - 120),
        signed(body, sha256=7),
        jwt.encode({"iss": KEY}, SECRET, algorithm="HS256"),
    ):
        assert post(body, token).status_code == 401, token
    assert post(body).status_code == 200
    settings.LIVEKIT_API_SECRET = ""
    assert post(body).status_code == 401


def test_bad_bodies_are_refused_or_passed_over() -> None:
    for body, status in (
        (b"", 400),
        (b"[]", 400),
        (b'{"event": 7}', 400),
        (b"[" * 5000, 400),
        (b" " * 262_145, 400),
        (b'{"event": "egress_started"}', 200),
        (b'{"event": "participant_joined", "room": {"name": "lobby"}, "participant": {"identity": "a"}}', 200),
    ):
        assert post(body).status_code == status, body[:40]
    room = Room(Circle().event.room_id)
    assert room.say("participant_joined", "a\0", id="EV\0") == 200


def test_notes_are_forgotten_after_a_day(django_assert_num_queries: Any) -> None:
    LiveKitNote.objects.create(key="old", at="2026-01-01T00:00:00Z")
    LiveKitNote.objects.create(key="new")
    assert forget(limit=10) == 1
    assert LiveKitNote.objects.get().key == "new"


def test_end_of_a_room_that_comes_late_leaves_the_next_one_alone() -> None:
    circle = Circle()
    room = Room(circle.event.room_id)
    room.say("participant_joined", "sip_1")
    room.sid = "RM_2"
    room.say("participant_joined", "sip_1", sid="PA_2")
    room.sid = "RM_1"
    room.say("room_finished")
    assert len(presence.members(circle.event.room_id)) == 1
    room.sid = "RM_2"
    room.say("room_finished")
    assert presence.members(circle.event.room_id) == {}
