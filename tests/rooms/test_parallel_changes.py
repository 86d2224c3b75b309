"""Requests that meet each other at one room, each with a database connection of its own."""

from typing import Any

import pytest

from activity.models import Activity
from invites.models import InviteCode
from rooms.models import Room
from tests import factories
from tests.circle import Circle
from tests.parallel import at_once

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def test_permanent_code_asked_for_twenty_times_is_one() -> None:
    circle = Circle()
    path, api = f"{circle.room_path}/invites", circle.api("creator")
    answers = at_once([lambda: api.post(path, {})] * 20)
    assert {answer.json()["invite_code"] for answer in answers} == {str(InviteCode.objects.get().code)}
    assert Activity.objects.filter(kind="code.created").count() == 1


@pytest.mark.parametrize("deleted", ["room", "event"])
@pytest.mark.parametrize("_time", range(5))
def test_deletion_meets_every_other_change(deleted: str, _time: int) -> None:
    """Whoever comes second finds nothing (404, 403); nobody waits for another in a ring or ends in a 500."""
    circle = Circle(streaming_targets=[factories.STREAM])
    room, api = circle.room_path, circle.api("creator")
    code = api.post(f"{room}/invites", {}).json()["invite_code"]
    target = f"{room}/streaming_targets/{circle.event.room.streaming_targets.get().pk}"
    requests: list[tuple[str, str, Any]] = [
        ("DELETE", room if deleted == "room" else circle.path, None),
        ("DELETE", room, None),
        ("PATCH", room, {"waiting_room": True, "password": "other"}),
        ("PATCH", circle.path, {"title": "Other", "waiting_room": True}),
        ("PUT", f"{room}/sip", {"lobby": True}),
        ("DELETE", f"{room}/sip", None),
        ("POST", f"{room}/streaming_targets", factories.STREAM),
        ("PATCH", target, {"name": "Other"}),
        ("DELETE", target, None),
        ("POST", f"{room}/invites", {}),
        ("POST", f"{room}/invites", {"expiration": "2099-01-01T00:00:00Z"}),
        ("PUT", f"{room}/invites/{code}", {"expiration": "2099-01-01T00:00:00Z"}),
        ("POST", f"{circle.path}/invites", {"email": "dora@example.org"}),
    ]
    answers = at_once([lambda one=one: api.request(*one) for one in requests])  # type: ignore[misc]
    assert {answer.status_code for answer in answers} <= {200, 201, 204, 403, 404}
    assert not Room.objects.exists()


@pytest.mark.parametrize("_time", range(8))
def test_parts_of_a_split_series_do_not_wait_for_each_other_in_a_ring(_time: int) -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    api, paths = circle.api("creator"), [circle.path]
    for day in ("2026-12-07", "2026-12-21"):
        part = api.post(f"{paths[-1]}/reschedule", {"from": {"datetime": f"{day}T09:00:00Z", "timezone": "UTC"}})
        paths.append(f"/v1/events/{part.json()['id']}")
    changes = [("PATCH", path, {"password": f"other {path[-3:]}"}) for path in paths]
    requests: list[tuple[str, str, Any]] = [("DELETE", path, None) for path in paths]
    requests += [
        *changes,
        ("DELETE", circle.room_path, None),
        ("POST", f"{circle.room_path}/streaming_targets", factories.STREAM),
    ]
    answers = at_once([lambda one=one: api.request(*one) for one in requests])  # type: ignore[misc]
    assert {answer.status_code for answer in answers} <= {200, 201, 204, 403, 404}
    assert not Room.objects.exists()
