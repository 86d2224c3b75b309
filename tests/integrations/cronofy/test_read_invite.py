"""GET /v1/smart_invites."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from activity.actors import Actor
from events.models import Event
from events.services.claims import claim_invites
from events.services.invitations import Proposal, Received, answer_invite, uninvite_email
from integrations.cronofy import resources
from tests import factories
from tests.integrations.cronofy.world import GUEST, PATH, application, client, put, the_invite

pytestmark = pytest.mark.django_db
PROPOSAL = Proposal(
    starts_at=datetime(2027, 1, 21, 22, tzinfo=UTC), ends_at=datetime(2027, 1, 21, 23, tzinfo=UTC), zone="Europe/Paris"
)
SAID = {
    "start": {"time": "2027-01-21T23:00:00+01:00", "tzid": "Europe/Paris"},
    "end": {"time": "2027-01-22T00:00:00+01:00", "tzid": "Europe/Paris"},
}


def answered(email: str = GUEST, **answer: Any) -> None:
    known = {"status": "tentative", "actor": Actor.by_guest(), "via": "mail"}
    answer_invite(invite=the_invite(Event.objects.get(), email), **known | answer)


@pytest.mark.slow
def test_status_with_what_was_said() -> None:
    api = client(application())
    made = put(api)
    answered(comment="Later?", proposal=PROPOSAL)
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST)
    assert found.status_code == 200
    del made["attachments"]
    expected = {"email": GUEST, "status": "tentative", "comment": "Later?", "proposal": SAID}
    assert found.json() == made | {"recipient": expected}


def test_last_answer_counts() -> None:
    api = client(application())
    put(api)
    answered(comment="Later?", proposal=PROPOSAL)
    answered(status="declined")
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()
    assert found["recipient"] == {"email": GUEST, "status": "declined"}


@pytest.mark.slow
def test_answers_of_others_stand_apart() -> None:
    api = client(application())
    put(api)
    answered(status="accepted")
    answered(address="boss@example.org", status="tentative")
    answered(address="boss@example.org", status="declined", comment="Not me")
    answered(address="old@example.org", received=Received(sequence=0, dtstamp=datetime.now(UTC), is_stale=True))
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()
    assert found["recipient"] == {"email": GUEST, "status": "accepted"}
    assert found["replies"] == [{"email": "boss@example.org", "status": "declined", "comment": "Not me"}]


def test_no_more_answers_of_others_than_the_document_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "MOST_RECIPIENTS", 2)
    api = client(application())
    put(api)
    for name in ("a", "b", "c"):
        answered(address=f"{name}@example.org", status="declined")
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()
    assert [reply["email"] for reply in found["replies"]] == ["b@example.org", "c@example.org"]


@pytest.mark.slow
def test_calendar_object_is_added_where_it_is_asked_for() -> None:
    api = client(application())
    put(api)
    answered(status="accepted")
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST, include_ics="true").json()
    (event,) = Calendar.from_ical(found["attachments"]["icalendar"]).walk("VEVENT")
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


@pytest.mark.slow
def test_several_are_read_without_an_address() -> None:
    api = client(application())
    put(api, "inv-1", "a@example.org", "b@example.org")
    answered("b@example.org", status="accepted")
    found = api.get(PATH, smart_invite_id="inv-1").json()
    assert found["recipients"] == [
        {"email": "a@example.org", "status": "pending"},
        {"email": "b@example.org", "status": "accepted"},
    ]
    one = api.get(PATH, smart_invite_id="inv-1", recipient_email="B@example.org").json()
    assert one["recipient"] == {"email": "b@example.org", "status": "accepted"}


@pytest.mark.slow
def test_recipient_who_gets_an_account_is_the_same() -> None:
    api = client(application())
    put(api)
    guest = factories.user("guest", email=GUEST, registered=False)
    guest.oidc_sub = str(guest.pk)
    guest.save()
    claim_invites(user=guest, actor=Actor.by_api(guest))
    answered(status="accepted")
    guest.email = "gabi@example.org"
    guest.save()
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()
    assert found["recipient"] == {"email": GUEST, "status": "accepted"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        {"smart_invite_id": "inv-2", "recipient_email": GUEST},
        {"smart_invite_id": "inv-1", "recipient_email": "b@example.org"},
        {"smart_invite_id": "inv-1" + "x" * 300, "recipient_email": GUEST},
        {"smart_invite_id": "inv\x00", "recipient_email": GUEST},
        {"smart_invite_id": "inv-1", "recipient_email": "\x00"},
    ],
)
def test_what_there_is_not_is_not_found(query: dict[str, str]) -> None:
    api = client(application())
    put(api)
    assert api.get(PATH, **query).status_code == 404


@pytest.mark.slow
def test_whom_staff_have_uninvited_is_not_found() -> None:
    api = client(application())
    put(api)
    uninvite_email(event=Event.objects.get(), email=GUEST, actor=Actor.by_admin(factories.staff()))
    assert api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [({}, "smart_invite_id"), ({"smart_invite_id": "inv-1"}, "recipient_email")],
)
def test_missing_parameter_is_named(query: dict[str, str], field: str) -> None:
    api = client(application())
    put(api)
    answer = api.get(PATH, **query)
    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        field: [{"key": "errors.required", "description": "This parameter is required."}]
    }


@pytest.mark.slow
def test_statements_do_not_grow_with_recipients() -> None:
    api = client(application())
    put(api, "inv-1", "a@example.org", "b@example.org")
    put(api, "inv-2", *(f"p{number}@example.org" for number in range(12)))
    counts = []
    for name in ("inv-1", "inv-2"):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            api.get(PATH, smart_invite_id=name, include_ics="true")
        counts.append(len(captured))
    assert counts[0] == counts[1] < 20
