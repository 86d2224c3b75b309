"""GET /v1/events/{id} (contract 9.1, 9.8)."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from events.models import SharedFolder
from invites.models import EmailInvite, EventInvite
from rooms.models import StreamingTarget
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from users.models import User
from users.serializers import avatar_url, public_profile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 1, 8, 30, 15, 123456, tzinfo=UTC)
LATER = datetime(2026, 10, 2, 9, 0, 0, 999999, tzinfo=UTC)


def profile(user: User) -> dict[str, Any]:
    return public_profile(user) | {"id": str(user.pk)}


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=2,
)
def test_only_people_in_it_may_read(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).get(circle.path).status_code == status


def test_strangers_do_not_learn_whether_it_exists() -> None:
    circle = Circle()
    stranger = circle.api("stranger")
    existing, unknown = (stranger.get(path).json() for path in (circle.path, f"/v1/events/{uuid.uuid4()}"))
    assert existing["code"] == "forbidden"
    assert {**existing, "request_id": None} == {**unknown, "request_id": None}


@pytest.mark.parametrize("status", ["pending", "accepted", "tentative", "declined"])
def test_invitee_reads_whatever_he_answered(status: str) -> None:
    circle = Circle()
    circle.api("invitee").patch(f"{circle.path}/invite", None if status == "pending" else {"status": status})
    expected = "accepted" if status == "pending" else status
    assert circle.api("invitee").get(circle.path).json()["invite_status"] == expected


def full_meeting() -> Circle:
    with time_machine.travel(NOW, tick=False):
        pattern = ("RRULE:FREQ=WEEKLY", "EXDATE:20261130T090000Z")
        circle = Circle(
            description="Agenda 🎉",
            password="open sesame",
            waiting_room=True,
            show_meeting_details=True,
            schedule=factories.schedule(pattern=pattern, ends_at_zone="Asia/Calcutta"),
        )
        circle.invite("dora@example.org")
    SharedFolder.objects.create(
        event=circle.event,
        path="x",
        read_url="https://files.example.org/r",
        read_password="r-pass",
        write_url="https://files.example.org/w",
        write_password="w-pass",
    )
    StreamingTarget.objects.create(
        room=circle.event.room,
        name="Video site",
        streaming_endpoint="rtmp://live.example.org/app",
        streaming_key="s3cr3t",
        public_url="https://video.example.org/42",
    )
    return circle


def shown_to_bob(circle: Circle) -> dict[str, Any]:
    """The whole answer, written out."""
    target = circle.event.room.streaming_targets.get()
    return {
        "id": str(circle.event.pk),
        "created_by": profile(circle.alice),
        "created_at": "2026-10-01T08:30:15Z",
        "updated_by": profile(circle.alice),
        "updated_at": "2026-10-01T08:30:15Z",
        "title": "Team meeting",
        "description": "Agenda 🎉",
        "room": {
            "id": str(circle.event.room_id),
            "password": "open sesame",
            "waiting_room": True,
            "e2e_encryption": False,
            "call_in": {
                "tel": "+493012345678",
                "id": circle.event.room.sip_config.sip_id,
                "password": circle.event.room.sip_config.password,
            },
        },
        "invitees_truncated": False,
        "invitees": [
            {"profile": {"kind": "registered", **profile(circle.bob), "role": "user"}, "status": "pending"},
            {
                "profile": {
                    "kind": "email",
                    "email": "dora@example.org",
                    "avatar_url": avatar_url("dora@example.org"),
                    "role": "guest",
                },
                "status": "pending",
            },
        ],
        "is_time_independent": False,
        "is_all_day": False,
        "starts_at": {"datetime": "2026-11-23T09:00:00Z", "timezone": "Europe/Berlin"},
        "ends_at": {"datetime": "2026-11-23T10:00:00Z", "timezone": "Asia/Calcutta"},
        "recurrence_pattern": ["RRULE:FREQ=WEEKLY", "EXDATE:20261130T090000Z"],
        "is_adhoc": False,
        "type": "recurring",
        "invite_status": "pending",
        "is_favorite": False,
        "can_edit": False,
        "shared_folder": {"read": {"url": "https://files.example.org/r", "password": "r-pass"}},
        "streaming_targets": [
            {
                "id": str(target.pk),
                "name": "Video site",
                "kind": "custom",
                "streaming_endpoint": "rtmp://live.example.org/app",
                "public_url": "https://video.example.org/42",
            }
        ],
        "show_meeting_details": True,
    }


def test_whole_answer_to_an_invitee(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = full_meeting()
    assert circle.api("invitee").get(circle.path, invitees_max=10).json() == shown_to_bob(circle)


@pytest.mark.slow
def test_creator_sees_also_what_only_he_may_use(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = full_meeting()
    seen = circle.api("creator").get(circle.path, invitees_max=10).json()
    expected = shown_to_bob(circle) | {"invite_status": "accepted", "can_edit": True}
    expected["streaming_targets"][0]["streaming_key"] = "s3cr3t"
    expected["shared_folder"]["read_write"] = {"url": "https://files.example.org/w", "password": "w-pass"}
    assert seen == expected


@pytest.mark.slow
def test_change_is_dated_and_signed() -> None:
    circle = full_meeting()
    with time_machine.travel(LATER, tick=False):
        seen = circle.api("creator").patch(circle.path, {"title": "Other"}).json()
    assert (seen["created_at"], seen["updated_at"]) == ("2026-10-01T08:30:15Z", "2026-10-02T09:00:00Z")


def test_what_is_empty_is_absent() -> None:
    circle = Circle()
    seen = circle.api("creator").get(circle.path).json()
    assert not {"recurrence_pattern", "streaming_targets", "shared_folder", "training_participation_report"} & set(seen)
    assert set(seen["room"]) == {"id", "waiting_room", "e2e_encryption"}


@pytest.mark.parametrize("why", ["no number", "tariff", "encrypted"])
def test_dial_in_is_shown_only_where_it_works(settings: Any, why: str) -> None:
    settings.CALL_IN_TEL = "" if why == "no number" else "+493012345678"
    circle = Circle(e2e_encryption=why == "encrypted")
    if why == "tariff":
        circle.alice.tariff.disabled_features = ["call_in"]
        circle.alice.tariff.save()
    assert "call_in" not in circle.api("creator").get(circle.path).json()["room"]


def test_events_of_disabled_people_are_hidden() -> None:
    circle = Circle()
    circle.alice.disabled_since = NOW
    circle.alice.save()
    bob = circle.api("invitee")
    assert bob.get(circle.path).status_code == 403
    assert bob.get("/v1/events").json() == []
    assert bob.patch(f"{circle.path}/invite").status_code == 403
    assert bob.get(f"{circle.path}/invites").status_code == 403


@pytest.mark.parametrize(
    ("limit", "addresses", "is_truncated"),
    [
        ("0", [], True),
        ("1", ["bob"], True),
        ("2", ["bob", "dora"], True),
        ("3", ["bob", "dora", "carl"], False),
        ("4", ["bob", "dora", "carl"], False),
        ("999999999", ["bob", "dora", "carl"], False),
    ],
)
def test_invitees_max_says_whether_there_are_more(limit: str, addresses: list[str], is_truncated: bool) -> None:
    circle = Circle()
    for address in ("carl@example.org", "dora@example.org"):
        circle.invite(address)
    seen = circle.api("creator").get(circle.path, invitees_max=limit).json()
    assert [row["profile"]["email"].partition("@")[0] for row in seen["invitees"]] == addresses
    assert seen["invitees_truncated"] is is_truncated


def test_invitees_max_exactly_full_of_users_counts_addresses_too() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    seen = circle.api("creator").get(circle.path, invitees_max=1).json()
    assert (len(seen["invitees"]), seen["invitees_truncated"]) == (1, True)


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "1e3", "1_0", "٣"])
def test_invitees_max_is_a_number(text: str) -> None:
    circle = Circle()
    assert circle.api("creator").get(circle.path, invitees_max=text).status_code == 400


@pytest.mark.slow
def test_invitees_of_one_moment_are_ordered_by_id_not_by_name() -> None:
    circle = Circle()
    others = [factories.user(name) for name in ("zoe", "yan", "xia")]
    for other in others:
        circle.invite(other)
    EventInvite.objects.update(created_at=NOW)
    EventInvite.objects.filter(invitee=others[0]).update(created_by=circle.bob)
    rows = EventInvite.objects.values_list("created_by_id", "invitee_id")
    expected = [str(invitee) for _inviter, invitee in sorted(rows, reverse=True)]
    for limit in range(1, 5):
        seen = circle.api("creator").get(circle.path, invitees_max=limit).json()["invitees"]
        assert [row["profile"]["id"] for row in seen] == expected[:limit]
    listed = circle.api("creator").get(f"{circle.path}/invites").json()
    assert [row["profile"]["id"] for row in listed] == expected


def test_newest_invitation_comes_first() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    circle.invite("carl@example.org")
    EmailInvite.objects.filter(email="dora@example.org").update(created_at=NOW + timedelta(days=400))
    seen = circle.api("creator").get(circle.path, invitees_max=9).json()["invitees"]
    assert [row["profile"]["email"] for row in seen] == ["bob@example.com", "dora@example.org", "carl@example.org"]


def test_account_that_never_signed_in_is_shown_by_name() -> None:
    circle = Circle()
    factories.user("dora", registered=False, email="dora@example.org")
    circle.invite("dora@example.org", role="moderator")
    seen = circle.api("creator").get(circle.path, invitees_max=9).json()["invitees"][1]["profile"]
    assert seen == {
        "kind": "unregistered",
        "email": "dora@example.org",
        "firstname": "Dora",
        "lastname": "Example",
        "avatar_url": avatar_url("dora@example.org"),
        "role": "moderator",
    }


def test_disabled_invitees_are_not_shown() -> None:
    circle = Circle()
    circle.bob.disabled_since = NOW
    circle.bob.save()
    assert Api(circle.alice).get(circle.path, invitees_max=9).json()["invitees"] == []
