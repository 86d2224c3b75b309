"""Recurrence, exceptions and answers in PATCH /v1/events/{id} (contract 9.6).

Given, the pattern is set or cleared; absent from a whole form it is cleared; else it is kept.
"""

from typing import Any

import pytest

from activity.actors import Actor
from events.models import EventException
from events.services.invitations import answer_invite
from tests.circle import Circle
from tests.events.changes import FORM, change, time, weekly
from tests.traces import Traces

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("cleared", [[], None])
def test_given_pattern_is_set_or_cleared(cleared: Any) -> None:
    circle = weekly()
    assert change(circle, {"recurrence_pattern": ["RRULE:FREQ=DAILY"]}).json()["recurrence_pattern"] == [
        "RRULE:FREQ=DAILY"
    ]
    seen = change(circle, {"recurrence_pattern": cleared}).json()
    assert (seen["type"], "recurrence_pattern" in seen) == ("single", False)


def test_whole_form_without_a_pattern_clears_it() -> None:
    circle = weekly()
    assert change(circle, FORM).json()["type"] == "single"
    assert not EventException.objects.exists()


def test_pattern_that_is_only_spelled_anew_is_answered_so_and_mails_nobody() -> None:
    circle, traces = weekly(), Traces()
    pattern = ["RRULE:INTERVAL=1;FREQ=WEEKLY"]
    assert change(circle, {"recurrence_pattern": pattern}).json()["recurrence_pattern"] == pattern
    assert traces.mails() == []
    change(circle, {"recurrence_pattern": ["RRULE:FREQ=WEEKLY"], "title": "Other"})
    assert traces.mails() != []


@pytest.mark.parametrize(
    "body",
    [
        {"title": "Other"},
        {"ends_at": time("2026-11-23T11:00:00Z")},
        {"is_time_independent": False},
        {"is_time_independent": False, "starts_at": None, "ends_at": None},
        {"starts_at": time("2026-11-23T08:30:00Z"), "ends_at": time("2026-11-23T11:00:00Z")},
    ],
)
def test_absent_pattern_is_kept(body: dict[str, Any]) -> None:
    assert change(weekly(), body).json()["recurrence_pattern"] == ["RRULE:FREQ=WEEKLY"]


@pytest.mark.parametrize(
    "body",
    [
        {"title": "Other"},
        {"description": "Other", "show_meeting_details": True, "waiting_room": True},
        {"ends_at": time("2026-11-23T11:00:00Z")},
        {"recurrence_pattern": ["RRULE:INTERVAL=1;FREQ=WEEKLY"]},
        {"starts_at": time("2026-11-23T10:00:00+01:00")},
        FORM | {"title": "Other", "recurrence_pattern": ["RRULE:FREQ=WEEKLY"]},
    ],
)
def test_exceptions_and_answers_are_kept_where_the_occurrences_stay(body: dict[str, Any]) -> None:
    circle = answered()
    assert change(circle, body).status_code == 200
    assert EventException.objects.count() == 1
    assert statuses(circle) == ["accepted", "declined"]


def answered() -> Circle:
    """The weekly meeting, with bob coming and dora not."""
    circle = weekly()
    circle.invite("dora@example.org")
    invites = [(circle.event.invites.get(), "accepted"), (circle.event.email_invites.get(), "declined")]
    for invite, status in invites:
        answer_invite(invite=invite, status=status, actor=Actor.by_api(circle.bob), via="api")
    return circle


def statuses(circle: Circle) -> list[str]:
    """As bob sees his own, and as dora's is shown to him."""
    event = circle.api("invitee").get(circle.path, invitees_max=5).json()
    return [event["invite_status"], event["invitees"][1]["status"]]


@pytest.mark.parametrize(
    "body",
    [
        {"recurrence_pattern": ["RRULE:FREQ=WEEKLY;INTERVAL=2"]},
        {"recurrence_pattern": []},
        {"starts_at": time("2026-11-23T08:00:00Z")},
        {"starts_at": time("2026-11-23T09:00:00Z", "Europe/Paris")},
        {
            "is_all_day": True,
            "starts_at": time("2026-11-23T00:00:00+01:00"),
            "ends_at": time("2026-11-24T00:00:00+01:00"),
        },
        {"is_time_independent": True},
        FORM,
    ],
)
def test_exceptions_and_answers_go_where_the_occurrences_change(body: dict[str, Any]) -> None:
    circle = answered()
    assert change(circle, body).status_code == 200
    assert not EventException.objects.exists()
    assert statuses(circle) == ["pending", "pending"]
