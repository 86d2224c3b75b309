"""Rows that were stored before times had bounds: they stay readable for everybody, and can be taken away."""

from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from activity.actors import Actor
from calendars import recurrence
from events.services.invitations import invite_user
from invites.tokens import token_of
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle
from tests.sweeps import sampled
from users.models import User

pytestmark = pytest.mark.django_db

NOW = "2026-11-21T12:00:00Z"

EXTREMES = [
    ("2020-01-01T00:00:00Z", "4100-01-01T00:00:00Z", ("RRULE:FREQ=YEARLY",)),
    ("2020-01-01T00:00:00Z", "9999-12-30T00:00:00Z", ()),
    ("0001-01-02T00:00:00Z", "9999-12-30T00:00:00Z", ()),
    ("0001-01-02T00:00:00Z", "0001-01-02T01:00:00Z", ("RRULE:FREQ=DAILY",)),
    ("0001-01-02T00:00:00Z", "7000-01-01T00:00:00Z", ("RRULE:FREQ=MONTHLY", "EXDATE:20260101T000000Z")),
    ("9997-12-31T00:00:00Z", "9997-12-31T01:00:00Z", ("RRULE:FREQ=WEEKLY;COUNT=3",)),
    ("9999-12-30T00:00:00Z", "9999-12-30T00:00:00Z", ()),
]


@pytest.fixture(params=sampled(EXTREMES, fast=2), ids=lambda given: f"{given[0][:4]}-{given[1][:4]}-{len(given[2])}")
def circle(request: Any, monkeypatch: pytest.MonkeyPatch) -> Circle:
    starts_at, ends_at, pattern = request.param
    schedule = factories.schedule(
        starts_at=datetime.fromisoformat(starts_at), ends_at=datetime.fromisoformat(ends_at), pattern=pattern
    )
    with monkeypatch.context() as before:
        before.setattr(recurrence, "_check_extent", lambda series: None)
        return Circle(schedule=schedule)


@pytest.mark.slow
@pytest.mark.parametrize("is_declined", [False, True])
def test_every_list_with_such_an_event_is_answered(circle: Circle, is_declined: bool) -> None:
    other = factories.event(circle.alice, title="Another")
    invite_user(event=other, invitee=circle.bob, actor=Actor.by_api(circle.alice), suppress_mail=True)
    if is_declined:
        assert circle.api("invitee").delete(f"{circle.path}/invite").status_code == 204
    for api in (circle.api("creator"), circle.api("invitee")):
        for query in ({}, {"time_min": NOW}, {"time_max": NOW}, {"time_min": "0001-01-02T00:00:00Z"}):
            titles = [row["title"] for row in api.get("/v1/events", **query).json()]
            assert ("Another" in titles) == ("time_max" not in query)
            assert api.get("/v1/events/instances", **query, per_page=3).status_code == 200
            assert api.get(f"{circle.path}/instances", **query, per_page=3).status_code == 200
        assert api.get(circle.path).status_code == 200
        assert api.get(f"{circle.room_path}/event").status_code == 200
        assert api.get(f"{circle.path}/instances/20260101T000000Z").status_code in {200, 404}


@pytest.mark.slow
def test_pages_and_the_admin_show_it(circle: Circle) -> None:
    browser = Client()
    browser.force_login(circle.bob)
    assert browser.get(f"/dashboard/meetings/{circle.event.pk}").status_code == 200
    assert browser.get(f"/rsvp/{token_of(circle.event.invites.get())}").status_code in {200, 404}
    browser.force_login(factories.staff())
    for path in ("", f"{circle.event.pk}/change/"):
        assert browser.get(f"/admin/events/event/{path}").status_code == 200


@pytest.mark.slow
def test_its_people_are_told_when_it_is_taken_away(circle: Circle) -> None:
    User.objects.update(time_zone="Pacific/Kiritimati")
    assert circle.api("creator").patch(circle.path, {"title": "Other"}).status_code == 200
    assert circle.api("creator").delete(circle.path).status_code == 204
    deliver_due()
    assert not OutgoingMail.objects.exclude(state=OutgoingMail.State.SENT).exists()
    assert len(mail.outbox) == 2 * 2


def test_its_time_stays_out_of_bounds_for_a_change(circle: Circle) -> None:
    answer = circle.api("creator").patch(circle.path, {"recurrence_pattern": ["RRULE:FREQ=DAILY"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
