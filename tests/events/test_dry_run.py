"""`dry_run=true`: what a change would do, and that the real one does exactly that."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import get_supported_language_variant
from pytest_django import Settings

from activity.actors import Actor
from activity.models import Activity
from events.models import Event, EventException
from invites.models import EmailInvite, EventInvite
from mailer.kinds import from_json
from mailer.models import OutgoingMail, TenantMails
from mailer.render import language_of
from mailer.suppression import suppress
from tests import factories
from tests.api import Api
from tests.sweeps import sweep
from users.models import Tariff, User

pytestmark = pytest.mark.django_db
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=10",)


@pytest.fixture(autouse=True)
def _outsiders() -> Iterator[None]:
    with override_settings(EVENT_INVITE_EXTERNAL=True):
        yield


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


@pytest.fixture
def event(alice: User) -> Event:
    """A series with two people, one occurrence cancelled and one moved."""
    made = factories.event(alice, schedule=factories.schedule(pattern=WEEKLY))
    api = Api(alice)
    api.post(f"/v1/events/{made.pk}/invites", {"invitee": str(factories.user("bob", language="de").pk)})
    api.post(f"/v1/events/{made.pk}/invites", {"email": "carol@example.org"})
    api.patch(f"/v1/events/{made.pk}/instances/20261130T090000Z", {"status": "cancelled"})
    moved = {"starts_at": {"datetime": "2026-12-08T15:00:00Z", "timezone": "Europe/Berlin"}}
    moved["ends_at"] = {"datetime": "2026-12-08T16:00:00Z", "timezone": "Europe/Berlin"}
    api.patch(f"/v1/events/{made.pk}/instances/20261207T090000Z", moved)
    return made


def everything() -> list[list[dict[str, Any]]]:
    tables = (Event, EventException, EventInvite, EmailInvite, OutgoingMail, Activity)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def mails_of(known: set[Any]) -> dict[tuple[str, str], int]:
    rows = OutgoingMail.objects.exclude(pk__in=known)
    return dict(
        Counter((row.kind, get_supported_language_variant(language_of(from_json(row.message)))) for row in rows)
    )


Call = Callable[[Api, Event, dict[str, Any]], Any]
AT_NINE = {
    "starts_at": {"datetime": "2026-11-23T08:00:00Z", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-11-23T09:00:00Z", "timezone": "Europe/Berlin"},
}
CALLS: dict[str, Call] = {
    "update": lambda api, event, how: api.patch(f"/v1/events/{event.pk}", {"title": "New"}, **how),
    "move": lambda api, event, how: api.patch(f"/v1/events/{event.pk}", AT_NINE, **how),
    "daily": lambda api, event, how: api.patch(
        f"/v1/events/{event.pk}", {"recurrence_pattern": ["RRULE:FREQ=MONTHLY;COUNT=3"]}, **how
    ),
    "instance": lambda api, event, how: api.patch(
        f"/v1/events/{event.pk}/instances/20261214T090000Z", {"status": "cancelled"}, **how
    ),
    "reschedule": lambda api, event, how: api.post(
        f"/v1/events/{event.pk}/reschedule",
        {"from": {"datetime": "2026-12-07T09:00:00Z", "timezone": "Europe/Berlin"}, "title": "Later"},
        **how,
    ),
    "delete": lambda api, event, how: api.delete(f"/v1/events/{event.pk}", **how),
    "invite": lambda api, event, how: api.post(f"/v1/events/{event.pk}/invites", {"email": "dave@example.org"}, **how),
    "invite again": lambda api, event, how: api.post(
        f"/v1/events/{event.pk}/invites", {"email": "carol@example.org"}, **how
    ),
    "uninvite": lambda api, event, how: api.delete(
        f"/v1/events/{event.pk}/invites/email", {"email": "carol@example.org"}, **how
    ),
    "uninvite user": lambda api, event, how: api.delete(
        f"/v1/events/{event.pk}/invites/{User.objects.get(username='bob').pk}", **how
    ),
    "silently": lambda api, event, how: api.patch(
        f"/v1/events/{event.pk}", {"title": "New"}, suppress_email_notification="true", **how
    ),
}


@pytest.mark.slow
@sweep("name", CALLS, fast=4)
def test_dry_run_changes_nothing_and_the_real_run_does_what_it_said(name: str, alice: User, event: Event) -> None:
    api, before = Api(alice), everything()
    known = set(OutgoingMail.objects.values_list("pk", flat=True))
    kept_before = {row.pk: row for row in EventException.objects.all()}
    answer = CALLS[name](api, event, {"dry_run": "true"})
    assert answer.status_code == 200, answer.content
    assert everything() == before
    told = answer.json()
    assert CALLS[name](api, event, {}).status_code in {200, 201, 204}
    assert {(group["kind"], group["language"]): group["count"] for group in told["mails"]} == mails_of(known)
    left = set(EventException.objects.filter(pk__in=kept_before).values_list("pk", flat=True))
    ids = {pk: f"{row.original_starts_at:%Y%m%dT%H%M%SZ}" for pk, row in kept_before.items()}
    exceptions = told["exceptions"]
    assert {one["instance_id"] for one in exceptions["kept"]} == {ids[pk] for pk in left}
    assert {one["instance_id"] for one in exceptions["dropped"]} == {ids[pk] for pk in ids.keys() - left}
    if name != "delete":
        assert told["participants"]["count"] == 1 + event.invites.count() + event.email_invites.count()


@pytest.mark.slow
def test_whole_answer(alice: User, event: Event, settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 3
    TenantMails.objects.create(tenant_id=event.tenant_id, day=timezone.now().date(), count=2)
    suppress(address="CAROL@example.org", reason="bounced", actor=Actor.by_job("test"))
    tariff: Tariff = alice.tariff  # type: ignore[assignment]
    tariff.quotas = {"room_participant_limit": 3}
    tariff.save()
    body = {"recurrence_pattern": ["RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=5"]}
    assert Api(alice).patch(f"/v1/events/{event.pk}", body, dry_run="true").json() == {
        "mails": [
            {"kind": "external_event_update", "language": "en", "address_state": "suppressed", "count": 1},
            {"kind": "registered_event_update", "language": "de", "address_state": "ok", "count": 1},
            {"kind": "registered_event_update", "language": "en", "address_state": "ok", "count": 1},
        ],
        "exceptions": {
            "kept": [{"instance_id": "20261207T090000Z", "status": "ok"}],
            "dropped": [{"instance_id": "20261130T090000Z", "status": "cancelled"}],
        },
        "participants": {"count": 3, "limit": 3},
        "quota": {"limit": 3, "used": 2, "withheld": 1},
    }


def test_meeting_that_would_be_planned(alice: User) -> None:
    answer = Api(alice).post(
        "/v1/events", {"title": "T", "description": "", "is_time_independent": True}, dry_run="true"
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "mails": [{"kind": "registered_event_invite", "language": "en", "address_state": "ok", "count": 1}],
        "exceptions": {"kept": [], "dropped": []},
        "participants": {"count": 1, "limit": None},
        "quota": {"limit": None, "used": 0, "withheld": 0},
    }
    assert not Event.objects.exists()


@pytest.mark.slow
def test_what_the_real_run_refuses_the_dry_run_refuses(alice: User, event: Event) -> None:
    stranger = Api(factories.user("stranger"))
    assert stranger.patch(f"/v1/events/{event.pk}", {"title": "N"}, dry_run="true").status_code == 403
    assert Api(alice).patch(f"/v1/events/{event.pk}", {"title": 7}, dry_run="true").status_code == 400
    assert Api(alice).patch(f"/v1/events/{event.pk}", {"title": "N"}, dry_run="maybe").status_code == 400
