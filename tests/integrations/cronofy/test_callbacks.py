"""What applications are called back with."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from events.models import Event
from events.services.events import update_event
from events.services.invitations import Proposal, Received, answer_invite, invite_email, uninvite_email
from integrations.cronofy.models import Application
from integrations.deliveries.models import Delivery
from invites.models import Reply
from tests import factories
from tests.api import Api
from tests.integrations.cronofy.world import CALLBACK, GUEST, application, client, put, the_invite

pytestmark = pytest.mark.django_db
PROPOSAL = Proposal(
    starts_at=datetime(2027, 1, 21, 22, tzinfo=UTC), ends_at=datetime(2027, 1, 21, 23, tzinfo=UTC), zone="Europe/Paris"
)


def answered(email: str = GUEST, **answer: Any) -> Reply:
    known: dict[str, Any] = {"status": "tentative", "actor": Actor.by_guest(), "via": "mail"}
    return answer_invite(invite=the_invite(Event.objects.get(), email), **known | answer)


def told() -> list[Any]:
    """What waits to be sent, in this order."""
    return [orjson.loads(bytes(row.body or b"")) for row in Delivery.objects.order_by("position")]


@pytest.mark.slow
def test_the_very_bytes() -> None:
    app = application(contact_address="developers@example.com")
    put(client(app))
    answered(comment="Später?", proposal=PROPOSAL)
    delivery = Delivery.objects.select_related("endpoint").get()
    said = (
        '"email":"guest@example.org","status":"tentative","comment":"Später?",'
        '"proposal":{"start":{"time":"2027-01-21T23:00:00+01:00","tzid":"Europe/Paris"},'
        '"end":{"time":"2027-01-22T00:00:00+01:00","tzid":"Europe/Paris"}}'
    )
    assert bytes(delivery.body or b"").decode() == (
        '{"notification":{"type":"smart_invite"},"smart_invite":{"smart_invite_id":"inv-1",'
        f'"callback_url":"https://app.example.org/callback","recipient":{{{said}}},"reply":{{{said}}}}}}}'
    )
    endpoint = delivery.endpoint
    assert (delivery.ordering_key, delivery.kind) == ("inv-1", "smart_invite")
    assert (endpoint.ring, endpoint.url, endpoint.signature, endpoint.owner_address) == (
        app.ring,
        CALLBACK,
        "cronofy",
        "developers@example.com",
    )


@pytest.mark.slow
def test_what_was_not_said_is_left_out() -> None:
    put(client(application()))
    answered(status="accepted")
    said = {"email": GUEST, "status": "accepted"}
    assert told()[0]["smart_invite"] == {
        "smart_invite_id": "inv-1",
        "callback_url": CALLBACK,
        "recipient": said,
        "reply": said,
    }


@pytest.mark.slow
def test_answer_of_somebody_else_leaves_the_recipient_as_it_was() -> None:
    put(client(application()))
    answered(status="accepted", comment="Yes")
    answered(address="boss@example.org", status="declined", comment="Not me")
    assert told()[1]["smart_invite"]["recipient"] == {"email": GUEST, "status": "accepted", "comment": "Yes"}
    assert told()[1]["smart_invite"]["reply"] == {
        "email": "boss@example.org",
        "status": "declined",
        "comment": "Not me",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("month", "zone", "times"),
    [
        (1, "Europe/Paris", ["2027-01-21T23:00:00+01:00", "2027-01-22T00:00:00+01:00"]),
        (7, "Europe/Paris", ["2027-07-22T00:00:00+02:00", "2027-07-22T01:00:00+02:00"]),
        (1, "Europe/London", ["2027-01-21T22:00:00Z", "2027-01-21T23:00:00Z"]),
    ],
)
def test_proposal_has_the_offset_of_its_zone(month: int, zone: str, times: list[str]) -> None:
    put(client(application()))
    starts_at, ends_at = (datetime(2027, month, 21, hour, tzinfo=UTC) for hour in (22, 23))
    answered(proposal=Proposal(starts_at=starts_at, ends_at=ends_at, zone=zone))
    found = told()[0]["smart_invite"]["reply"]["proposal"]
    assert [found[name] for name in ("start", "end")] == [{"time": time, "tzid": zone} for time in times]


def test_proposal_for_an_all_day_meeting_is_days() -> None:
    event = {"summary": "Trip", "start": "2027-07-21", "end": "2027-07-22", "tzid": "Europe/Paris"}
    put(client(application()), event=event)
    starts_at, ends_at = (datetime(2027, 7, day, 22, tzinfo=UTC) for day in (22, 23))
    answered(proposal=Proposal(starts_at=starts_at, ends_at=ends_at, zone="Europe/Paris"))
    found = told()[0]["smart_invite"]["reply"]["proposal"]
    assert [found[name]["time"] for name in ("start", "end")] == ["2027-07-23", "2027-07-24"]


@pytest.mark.slow
def test_all_of_several_recipients_are_told() -> None:
    put(client(application()), "inv-1", "a@example.org", "b@example.org")
    answered("b@example.org", status="accepted")
    assert told()[0]["smart_invite"] == {
        "smart_invite_id": "inv-1",
        "callback_url": CALLBACK,
        "recipients": [
            {"email": "a@example.org", "status": "pending"},
            {"email": "b@example.org", "status": "accepted"},
        ],
        "reply": {"email": "b@example.org", "status": "accepted"},
    }


@pytest.mark.slow
def test_each_answer_is_told_in_its_turn() -> None:
    put(client(application()))
    for status in ("accepted", "accepted", "declined"):
        answered(status=status)
    assert [body["smart_invite"]["reply"]["status"] for body in told()] == ["accepted", "accepted", "declined"]
    assert set(Delivery.objects.values_list("ordering_key", flat=True)) == {"inv-1"}


@pytest.mark.slow
def test_answer_by_the_api_is_told_in_the_applications_spelling() -> None:
    bob = factories.user("bob")
    put(client(application()), "inv-1", "Bob@Example.com")
    assert Api(bob).patch(f"/v1/events/{Event.objects.get().pk}/invite").status_code == 204
    assert told()[0]["smart_invite"]["reply"] == {"email": "Bob@Example.com", "status": "accepted"}


@pytest.mark.slow
def test_organizers_changes_and_old_answers_are_not_told() -> None:
    put(client(application()))
    event, staff = Event.objects.get(), Actor.by_admin(factories.staff())
    answered(received=Received(sequence=0, dtstamp=timezone.now(), is_stale=True))
    update_event(event=event, actor=staff, columns={"title": "By staff"})
    invite_email(event=event, email="other@example.org", actor=staff)
    answered("other@example.org")  # whom the application does not know
    uninvite_email(event=event, email=GUEST, actor=staff)
    assert told() == []


def no_address(app: Application) -> None:
    app.smart_invites.update(callback_url="")


def disabled(app: Application) -> None:
    app.disabled_since = timezone.now()
    app.save()


@pytest.mark.parametrize("change", [no_address, disabled])
def test_who_wants_no_callbacks_gets_none(change: Callable[[Application], None]) -> None:
    app = application()
    put(client(app))
    change(app)
    answered()
    assert told() == []


@pytest.mark.slow
def test_applications_own_address_is_used_where_the_invite_has_none() -> None:
    app = application(callback_url="https://app.example.org/all")
    put(client(app), callback_url=None)
    answered()
    assert Delivery.objects.get().endpoint.url == "https://app.example.org/all"
    assert told()[0]["smart_invite"]["callback_url"] == "https://app.example.org/all"


@pytest.mark.slow
def test_answer_that_is_undone_is_not_told() -> None:
    put(client(application()))
    with transaction.atomic():
        answered()
        transaction.set_rollback(True)
    assert not Reply.objects.exists()
    assert told() == []


def test_answers_to_other_meetings_concern_no_application() -> None:
    alice = factories.user("alice")
    event = factories.event(alice)
    invite_email(event=event, email=GUEST, actor=Actor.by_api(alice))
    answered()
    assert told() == []
