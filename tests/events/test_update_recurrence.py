"""Recurrence, exceptions and answers in PATCH /v1/events/{id} (contract 9.6).

Given, the pattern is set or cleared; absent from a whole form it is cleared; else it is kept.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from activity.actors import Actor
from events.models import EventException
from events.services.invitations import answer_invite
from invites.models import Reply
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle
from tests.events.changes import FORM, WEEKLY, change, time, weekly
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

NOV_30 = datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
@sweep(
    "body",
    [
        {"title": "Other"},
        {"description": "Other", "show_meeting_details": True, "waiting_room": True},
        {"ends_at": time("2026-11-23T11:00:00Z")},
        {"recurrence_pattern": ["RRULE:INTERVAL=1;FREQ=WEEKLY"]},
        {"starts_at": time("2026-11-23T10:00:00+01:00")},
        FORM | {"title": "Other", "recurrence_pattern": ["RRULE:FREQ=WEEKLY"]},
    ],
    fast=2,
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
    """As bob sees the own answer, and as dora's is shown to bob."""
    event = circle.api("invitee").get(circle.path, invitees_max=5).json()
    return [event["invite_status"], event["invitees"][1]["status"]]


@pytest.mark.slow
@sweep(
    "body",
    [
        {"recurrence_pattern": ["RRULE:FREQ=WEEKLY;INTERVAL=2"]},
        {"recurrence_pattern": ["RRULE:FREQ=WEEKLY", "EXDATE:20261130T090000Z"]},
        {"recurrence_pattern": []},
        {"starts_at": time("2026-11-24T09:00:00Z"), "ends_at": time("2026-11-24T10:00:00Z")},
        {"is_time_independent": True},
        FORM,
    ],
    fast=2,
)
def test_exceptions_and_answers_go_where_the_occurrences_do(body: dict[str, Any]) -> None:
    circle = answered()
    answer_one(circle, NOV_30)
    assert change(circle, body).status_code == 200
    assert not EventException.objects.exists()
    assert statuses(circle) == ["pending", "pending"]
    assert set(Reply.objects.values_list("is_stale", flat=True)) == {True}


ALL_DAY = {
    "is_all_day": True,
    "starts_at": time("2026-11-23T00:00:00+01:00"),
    "ends_at": time("2026-11-24T00:00:00+01:00"),
}


@pytest.mark.slow
@sweep(
    ("body", "name"),
    [
        ({"starts_at": time("2026-11-23T08:00:00Z")}, datetime(2026, 11, 30, 8, tzinfo=UTC)),
        ({"starts_at": time("2026-11-23T09:00:00Z", "Europe/Paris")}, NOV_30),
        ({"starts_at": time("2026-11-23T10:00:00-05:00", "America/New_York")}, datetime(2026, 11, 30, 15, tzinfo=UTC)),
        ({"recurrence_pattern": ["RRULE:FREQ=DAILY"]}, NOV_30),
        ({"starts_at": time("2026-11-16T09:00:00Z")}, NOV_30),
        (ALL_DAY, datetime(2026, 11, 29, 23, tzinfo=UTC)),
    ],
    fast=2,
)
def test_what_was_said_of_a_day_stays_where_the_series_has_it_still(body: dict[str, Any], name: datetime) -> None:
    """A cancelled occurrence stays cancelled, an answer to it stays its; the series itself is asked anew."""
    circle = answered()
    answer_one(circle, NOV_30)
    ends = {} if "ends_at" in body or "starts_at" not in body else {"ends_at": time("2026-11-23T21:00:00Z")}
    assert change(circle, body | ends).status_code == 200
    exception = EventException.objects.get()
    assert (exception.original_starts_at, exception.kind) == (name, "cancelled")
    assert statuses(circle) == ["pending", "pending"]
    replies = Reply.objects.order_by("received_at").values_list("occurrence", "is_stale")
    assert list(replies) == [(None, True), (None, True), (name, False)]


@pytest.mark.slow
@sweep(
    ("moved", "stored"),
    [
        (
            {"starts_at": time("2026-12-01T13:00:00Z"), "ends_at": time("2026-12-01T15:00:00Z")},
            ("2026-12-01T13:00:00Z", "2026-12-01T15:00:00Z"),
        ),
        ({"starts_at": time("2026-12-01T13:00:00Z")}, ("2026-12-01T13:00:00Z", "2026-12-01T14:00:00Z")),
        ({"ends_at": time("2026-11-30T11:00:00Z")}, ("2026-11-30T09:00:00Z", "2026-11-30T11:00:00Z")),
        ({"title": "Review"}, ("2026-11-30T14:00:00Z", "2026-11-30T15:00:00Z")),
    ],
    fast=2,
)
def test_moved_occurrence_stays_where_it_was_put(moved: dict[str, Any], stored: tuple[str, str]) -> None:
    circle = Circle(schedule=factories.schedule(pattern=WEEKLY))
    assert circle.api("creator").patch(f"{circle.path}/instances/20261130T090000Z", moved).status_code == 200
    change(circle, {"starts_at": time("2026-11-23T14:00:00Z"), "ends_at": time("2026-11-23T15:00:00Z")})
    seen = circle.api("creator").get(f"{circle.path}/instances/20261130T140000Z").json()
    assert (seen["starts_at"]["datetime"], seen["ends_at"]["datetime"]) == stored
    assert seen["title"] == moved.get("title", "Team meeting")


@pytest.mark.slow
@time_machine.travel(datetime(2026, 12, 3, tzinfo=UTC), tick=False)
def test_mail_names_the_dates_ahead_that_the_series_has_no_more() -> None:
    circle = weekly()  # the cancelled occurrence of 30 November is over
    instances = f"{circle.path}/instances"
    times = {"starts_at": time("2026-12-08T14:00:00+01:00"), "ends_at": time("2026-12-08T15:00:00+01:00")}
    circle.api("creator").patch(f"{instances}/20261207T090000Z", times)
    circle.api("creator").patch(f"{instances}/20261214T090000Z", {"status": "cancelled"})
    circle.api("creator").patch(f"{instances}/20261221T090000Z", {"title": "Review"})
    OutgoingMail.objects.all().delete()
    tuesdays = {"starts_at": time("2026-11-24T09:00:00Z"), "ends_at": time("2026-11-24T10:00:00Z")}
    assert change(circle, tuesdays).status_code == 200
    deliver_due()
    to_bob = mail.outbox[-1]
    assert (
        "These changes to individual dates no longer apply: Mon, Dec 7, 2026, moved to Tuesday, December 8, 2026,"
        " 2:00 PM – 3:00 PM (Berlin); Mon, Dec 14, 2026, cancelled; Mon, Dec 21, 2026, changed."
    ) in " ".join(str(to_bob.body).split())


@pytest.mark.slow
@time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC), tick=False)
def test_mail_names_five_lost_dates_and_how_many_there_are_more() -> None:
    circle = Circle(schedule=factories.schedule(pattern=WEEKLY))
    for week in range(8):
        start = datetime(2026, 11, 23, 9, tzinfo=UTC) + timedelta(weeks=week)
        circle.api("creator").patch(f"{circle.path}/instances/{start:%Y%m%dT%H%M%SZ}", {"status": "cancelled"})
    OutgoingMail.objects.all().delete()
    change(circle, {"starts_at": time("2026-11-24T09:00:00Z"), "ends_at": time("2026-11-24T10:00:00Z")})
    deliver_due()
    assert "; Mon, Dec 21, 2026, cancelled; 3 more." in " ".join(str(mail.outbox[0].body).split())


def answer_one(circle: Circle, occurrence: datetime) -> None:
    invite, actor = circle.event.invites.get(), Actor.by_api(circle.bob)
    answer_invite(invite=invite, status="declined", actor=actor, via="api", occurrence=occurrence)
