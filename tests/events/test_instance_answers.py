"""An occurrence in the API shows the answers that were given to it, the caller's own and the invitees'."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from events import answers
from events.services.invitations import answer_invite
from invites.models import EmailInvite
from tests import factories
from tests.circle import Circle
from tests.events.changes import WEEKLY, time

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "20261123T090000Z", "20261130T090000Z", "20261207T090000Z"
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def circle() -> Circle:
    circle = Circle(schedule=factories.schedule(pattern=(f"{WEEKLY[0]};COUNT=3",)))
    circle.invite("dora@example.org")
    return circle


def answer(circle: Circle, status: str, instance_id: str = "") -> None:
    body = {"status": status} | ({"instance_id": instance_id} if instance_id else {})
    assert circle.api("invitee").patch(f"{circle.path}/invite", body).status_code == 204


def own(circle: Circle, who: str = "invitee", path: str = "") -> list[str]:
    shown = circle.api(who).get(path or f"{circle.path}/instances", invitees_max=5).json()
    return [item["invite_status"] for item in shown]


def of_bob(circle: Circle, instance_id: str) -> dict[str, str]:
    shown = circle.api("creator").get(f"{circle.path}/instances/{instance_id}", invitees_max=5).json()
    return {invitee["profile"]["email"]: invitee["status"] for invitee in shown["invitees"]}


@pytest.mark.slow
def test_answer_to_one_occurrence_is_shown_with_it_alone(circle: Circle) -> None:
    answer(circle, "accepted")
    answer(circle, "declined", SECOND)
    assert own(circle) == ["accepted", "declined", "accepted"]
    assert own(circle, path="/v1/events/instances") == ["accepted", "declined", "accepted"]
    assert circle.api("invitee").get(f"{circle.path}/instances/{SECOND}").json()["invite_status"] == "declined"
    assert circle.api("invitee").get(circle.path).json()["invite_status"] == "accepted"
    assert own(circle, "creator") == ["accepted"] * 3


def test_last_answer_to_it_counts(circle: Circle, clock: Any) -> None:
    for status in ("declined", "tentative"):
        answer(circle, status, SECOND)
        clock.shift(60)
    assert own(circle) == ["pending", "tentative", "pending"]


@pytest.mark.slow
def test_others_see_it_among_the_invitees(circle: Circle) -> None:
    answer(circle, "accepted")
    answer(circle, "declined", SECOND)
    dora, actor = EmailInvite.objects.get(), Actor.by_guest()
    name = datetime(2026, 11, 30, 9, tzinfo=UTC)
    answer_invite(invite=dora, status="tentative", actor=actor, via="page", occurrence=name)
    assert of_bob(circle, FIRST) == {"bob@example.com": "accepted", "dora@example.org": "pending"}
    assert of_bob(circle, SECOND) == {"bob@example.com": "declined", "dora@example.org": "tentative"}


def test_answer_of_somebody_else_is_not_shown_as_the_invitees(circle: Circle) -> None:
    name, actor = datetime(2026, 11, 30, 9, tzinfo=UTC), Actor.by_guest()
    invite = circle.event.invites.get()
    answer_invite(invite=invite, status="declined", actor=actor, via="mail", occurrence=name, address="x@example.org")
    assert own(circle) == ["pending"] * 3


@pytest.mark.slow
def test_occurrence_that_was_moved_since_is_open(circle: Circle, clock: Any) -> None:
    """As in calendars: who has accepted the series has not accepted the other time."""
    answer(circle, "accepted")
    answer(circle, "declined", THIRD)
    clock.shift(60)
    for name, hour in ((SECOND, "2026-11-30T14:00:00Z"), (THIRD, "2026-12-07T14:00:00Z")):
        circle.api("creator").patch(f"{circle.path}/instances/{name}", {"starts_at": time(hour)})
    assert own(circle) == ["accepted", "pending", "pending"]
    clock.shift(60)
    answer(circle, "accepted", SECOND)
    assert own(circle) == ["accepted", "accepted", "pending"]
    clock.shift(60)
    answer(circle, "tentative")
    assert own(circle) == ["tentative", "accepted", "tentative"]


def test_meeting_without_a_series_shows_the_answer(circle: Circle) -> None:
    circle.event = factories.event(circle.alice)
    circle.path = f"/v1/events/{circle.event.pk}"
    circle.invite(circle.bob)
    answer(circle, "declined")
    assert own(circle) == ["declined"]
    answer(circle, "accepted", FIRST)  # its one occurrence is the whole
    assert own(circle) == ["accepted"]
    assert circle.api("invitee").get(circle.path).json()["invite_status"] == "accepted"


@pytest.mark.slow
def test_calendars_are_told_the_same(circle: Circle, clock: Any) -> None:
    answer(circle, "accepted")
    answer(circle, "declined", SECOND)
    clock.shift(60)
    circle.api("creator").patch(f"{circle.path}/instances/{THIRD}", {"starts_at": time("2026-12-07T14:00:00Z")})
    (told,) = answers.to_occurrences(circle.event).values()
    assert told == {SECOND: "DECLINED", THIRD: "NEEDS-ACTION"}
    assert own(circle) == ["accepted", "declined", "pending"]
