"""POST /v1/smart_invites with the method request: invite people, change what they are invited to."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from activity.actors import Actor
from events.models import Agenda, Event
from events.services.events import update_event
from events.services.invitations import answer_invite
from integrations.cronofy.models import SmartInvite
from invites.models import EmailInvite, EventInvite
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.api import Api
from tests.integrations.cronofy.world import (
    BOARD,
    CALLBACK,
    GUEST,
    PATH,
    application,
    client,
    invite,
    put,
    the_invite,
)
from tests.traces import Traces

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def meeting_of(answer: dict[str, Any]) -> Any:
    """The event of its calendar object."""
    (event,) = Calendar.from_ical(answer["attachments"]["icalendar"]).walk("VEVENT")
    return event


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
def test_answer_tells_the_invite_with_its_calendar_object() -> None:
    app = application(organizer_name="Our team")
    found = put(client(app))
    assert found.pop("attachments")["icalendar"].startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert found == {
        "recipient": {"email": GUEST, "status": "pending"},
        "smart_invite_id": "inv-1",
        "callback_url": CALLBACK,
        "event": {
            "summary": "Board meeting",
            "description": "Discuss plans for the next quarter.",
            "start": {"time": "2027-01-21T10:30:00+01:00", "tzid": "Europe/Paris"},
            "end": {"time": "2027-01-21T11:00:00+01:00", "tzid": "Europe/Paris"},
            "location": {"description": "Board room"},
        },
        "method": "request",
    }


@pytest.mark.slow
def test_meeting_is_one_like_all_others() -> None:
    app = application()
    traces = Traces()
    found = put(client(app))
    event = Event.objects.get()
    assert (event.title, event.created_by, event.tenant) == ("Board meeting", app.service_user, app.tenant)
    assert Agenda.objects.filter(user=app.service_user, event=event).exists()
    assert [kind for kind, _people in traces.activities()][-2:] == ["code.created", "invite.added"]
    assert Api(app.service_user).get(f"/v1/events/{event.pk}").json()["title"] == "Board meeting"
    calendar = Calendar.from_ical(found["attachments"]["icalendar"])
    told = meeting_of(found)
    assert (calendar["METHOD"], told["UID"], told["SEQUENCE"]) == ("REQUEST", event.uid, 0)
    assert told["ATTENDEE"] == f"mailto:{GUEST}"
    assert told["LOCATION"] == "Board room"
    # Whoever has no account comes in by a code made for that address.
    assert str(EmailInvite.objects.get().invite_code.code) in told["URL"]


@pytest.mark.slow
@pytest.mark.parametrize("path", [PATH, "/cronofy/v1/smart_invites"])
def test_same_id_again_changes_the_invite(path: str) -> None:
    api = client(application())
    first = api.post(path, invite()).json()
    event = BOARD | {"summary": "Budget", "start": "2027-01-21T09:45:00Z"}
    second = api.post(path, invite(event={name: event[name] for name in event if name != "location"})).json()
    assert second["event"]["summary"] == "Budget"
    # What is left out is taken away.
    assert "location" not in second["event"]
    before, after = meeting_of(first), meeting_of(second)
    assert (before["UID"], before["SEQUENCE"], after["SEQUENCE"]) == (after["UID"], 0, 1)
    assert (Event.objects.count(), SmartInvite.objects.count(), EmailInvite.objects.count()) == (1, 1, 1)


@pytest.mark.slow
def test_same_request_again_changes_nothing() -> None:
    api = client(application())
    put(api)
    traces = Traces()
    assert meeting_of(put(api))["SEQUENCE"] == 0
    assert traces.is_empty()


@pytest.mark.slow
def test_another_time_asks_people_anew() -> None:
    app = application()
    api = client(app)
    put(api)
    answer_invite(
        invite=the_invite(Event.objects.get()), status="accepted", actor=Actor.by_guest(), via="page", comment="Yes"
    )
    assert put(api)["recipient"] == {"email": GUEST, "status": "accepted", "comment": "Yes"}
    later = BOARD | {"end": "2027-01-21T12:00:00Z", "start": "2027-01-21T11:00:00Z"}
    assert put(api, event=later)["recipient"] == {"email": GUEST, "status": "pending"}


def test_all_that_can_be_said_of_the_entry_is_answered_back() -> None:
    own = {
        "url": "https://call.example.com/7",
        "location": {"description": "Board room", "lat": "48.137", "long": "11.575"},
        "reminders": [{"minutes": 60}, {"minutes": 15}],
        "transparency": "transparent",
        "color": "#49BED8",
    }
    found = put(client(application()), event=BOARD | own)
    assert {name: found["event"][name] for name in own} == own
    told = meeting_of(found)
    assert (told["URL"], told["GEO"].to_ical(), told["TRANSP"]) == (own["url"], "48.137;11.575", "TRANSPARENT")
    assert [alarm["TRIGGER"].to_ical() for alarm in told.walk("VALARM")] == [b"-PT1H", b"-PT15M"]
    # It is held there, not in the room that it has here.
    assert "/invite/" not in found["attachments"]["icalendar"]


@pytest.mark.slow
@pytest.mark.parametrize("is_external", [False, True])
def test_outsiders_are_invited_whatever_users_may_do(is_external: bool, settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = is_external
    assert put(client(application()))["recipient"]["status"] == "pending"


def test_somebody_with_an_account_is_invited_by_it() -> None:
    bob = factories.user("bob")
    found = put(client(application()), "inv-1", "Bob@Example.com")
    assert found["recipient"] == {"email": "Bob@Example.com", "status": "pending"}
    assert EventInvite.objects.get().invitee == bob
    assert Agenda.objects.filter(user=bob).exists()


def test_account_of_another_tenant_is_a_stranger() -> None:
    factories.user("bob", tenant=factories.tenant("another"))
    put(client(application()), "inv-1", "bob@example.com")
    assert EmailInvite.objects.get().email == "bob@example.com"


@pytest.mark.slow
def test_several_recipients_stand_in_one_object() -> None:
    api = client(application())
    people = [{"email": "a@example.org", "status": "accepted"}, {"email": "b@example.org"}]
    body = invite(recipients=people)
    del body["recipient"]
    found = api.post(PATH, body).json()
    assert found["recipients"] == [
        {"email": "a@example.org", "status": "accepted"},
        {"email": "b@example.org", "status": "pending"},
    ]
    assert "recipient" not in found
    told = meeting_of(found)
    assert [(str(one), one.params["PARTSTAT"]) for one in told["ATTENDEE"]] == [
        ("mailto:a@example.org", "ACCEPTED"),
        ("mailto:b@example.org", "NEEDS-ACTION"),
    ]
    # Neither gets the other's guest code.
    assert "/room/" in told["URL"]


@pytest.mark.slow
def test_initial_status_is_not_said_again() -> None:
    api = client(application())
    body = invite(recipients=[{"email": GUEST, "status": "tentative"}])
    del body["recipient"]
    api.post(PATH, body)
    answer_invite(invite=EmailInvite.objects.get(), status="declined", actor=Actor.by_guest(), via="page")
    assert api.post(PATH, body).json()["recipients"] == [{"email": GUEST, "status": "declined"}]


@pytest.mark.slow
def test_another_recipient_joins_the_meeting() -> None:
    api = client(application())
    put(api)
    assert put(api, "inv-1", "b@example.org")["recipient"]["email"] == "b@example.org"
    assert Event.objects.get().email_invites.count() == 2
    assert put(api)["recipient"]["email"] == GUEST


@pytest.mark.slow
def test_organizer_stands_in_the_object() -> None:
    api = client(application())
    first = put(api, organizer={"name": "Jobs", "email": "jobs@example.org"})
    organizer = meeting_of(first)["ORGANIZER"]
    assert (str(organizer), organizer.params["CN"]) == ("mailto:jobs@example.org", "Jobs")
    # The name may change; the address is what calendars know the meeting by.
    second = put(api, organizer={"name": "Careers", "email": "careers@example.org"})
    organizer = meeting_of(second)["ORGANIZER"]
    assert (str(organizer), organizer.params["CN"]) == ("mailto:jobs@example.org", "Careers")


@pytest.mark.slow
@pytest.mark.parametrize(("sends_mails", "count"), [(False, 0), (True, 2)])
def test_mails_are_the_applications_business_unless_it_says_otherwise(sends_mails: bool, count: int) -> None:
    put(client(application(sends_mails=sends_mails)))
    assert OutgoingMail.objects.count() == count


@pytest.mark.slow
def test_mails_say_what_the_application_says_of_the_entry() -> None:
    api = client(application(sends_mails=True))
    put(api)
    OutgoingMail.objects.all().delete()
    put(api, event=BOARD | {"url": "https://call.example.com/7"}, organizer={"name": "Careers"})
    deliver_due()
    (sent,) = (one for one in mail.outbox if GUEST in one.to[0])
    parts = {part.get_content_type(): part for part in sent.message().walk()}
    (event,) = Calendar.from_ical(parts["text/calendar"].get_payload(decode=True)).walk("VEVENT")
    assert (event["URL"], event["LOCATION"]) == ("https://call.example.com/7", "Board room")
    assert "/invite/" not in str(sent.body)


@pytest.mark.slow
def test_series_that_staff_made_keeps_its_pattern() -> None:
    api = client(application())
    put(api)
    actor = Actor.by_admin(factories.staff())
    schedule = {"pattern": ("RRULE:FREQ=DAILY;UNTIL=20270201T093000Z",)}
    update_event(event=Event.objects.get(), actor=actor, columns={}, schedule=schedule)
    put(api, event=BOARD | {"summary": "Daily"})
    assert Event.objects.get().is_recurring
    late = BOARD | {"start": "2028-01-21T09:30:00Z", "end": "2028-01-21T10:00:00Z"}
    answer = api.post(PATH, invite(event=late))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["event.end"])


@pytest.mark.slow
def test_callback_address_stays_where_it_is_not_said_again() -> None:
    api = client(application(callback_url="https://app.example.org/all"))
    assert put(api)["callback_url"] == CALLBACK
    body = invite()
    del body["callback_url"]
    assert api.post(PATH, body).json()["callback_url"] == CALLBACK
    assert put(api, callback_url=None)["callback_url"] == "https://app.example.org/all"


def test_service_user_cannot_be_invited() -> None:
    answer = client(application()).post(PATH, invite("inv-1", "recruiting@example.com"))
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["recipient.email"]
    assert not Event.objects.exists()


@pytest.mark.slow
def test_changes_by_staff_are_told() -> None:
    api = client(application())
    put(api)
    update_event(event=Event.objects.get(), actor=Actor.by_admin(factories.staff()), columns={"title": "By staff"})
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()
    assert found["event"]["summary"] == "By staff"
