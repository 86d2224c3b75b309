"""POST /v1/smart_invites with the methods cancel and remove, and meetings that end in another way."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from activity.actors import Actor
from events.models import Event
from events.services.events import delete_event, update_event
from events.services.invitations import answer_invite
from integrations.cronofy.models import Ending
from mailer.models import OutgoingMail
from rooms.models import Room
from tests import factories
from tests.api import Api
from tests.integrations.cronofy.world import GUEST, PATH, application, client, invite, put, the_invite

pytestmark = pytest.mark.django_db


def ending(smart_invite_id: str, *emails: str, method: str = "cancel") -> dict[str, Any]:
    body = invite(smart_invite_id, *emails, method=method)
    return {name: body[name] for name in body if name in {"smart_invite_id", "method", "recipient", "recipients"}}


def meeting_of(icalendar: str) -> tuple[str, Any]:
    calendar = Calendar.from_ical(icalendar)
    (event,) = calendar.walk("VEVENT")
    return calendar["METHOD"], event


@pytest.mark.slow
def test_cancellation_ends_the_meeting_and_stays_readable() -> None:
    api = client(application())
    made = put(api)
    answer_invite(invite=the_invite(Event.objects.get()), status="accepted", actor=Actor.by_guest(), via="page")
    cancelled = api.post(PATH, ending("inv-1"))
    assert cancelled.status_code == 200
    found = cancelled.json()
    method, event = meeting_of(found["attachments"]["icalendar"])
    _method, before = meeting_of(made["attachments"]["icalendar"])
    assert (method, event["STATUS"], event["SEQUENCE"], event["UID"]) == ("CANCEL", "CANCELLED", 1, before["UID"])
    assert (found["method"], found["recipient"]) == ("cancel", {"email": GUEST, "status": "accepted"})
    assert found["event"] == made["event"]
    assert not Event.objects.exists()
    assert not Room.objects.exists()
    assert not OutgoingMail.objects.exists()
    read = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST, include_ics="true")
    assert read.json() == found
    assert "attachments" not in api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST).json()


@pytest.mark.slow
def test_repeated_cancellation_answers_the_same() -> None:
    api = client(application())
    put(api)
    first = api.post(PATH, ending("inv-1"))
    assert api.post(PATH, ending("inv-1")).json() == first.json()
    assert Ending.objects.count() == 2  # the recipient's, and that of all


@pytest.mark.parametrize("body", [ending("inv-2"), ending("inv-1", "b@example.org")])
def test_what_there_is_not_cannot_be_cancelled(body: dict[str, Any]) -> None:
    api = client(application())
    put(api)
    assert api.post(PATH, body).status_code == 404
    assert Event.objects.exists()


@pytest.mark.slow
def test_id_can_be_used_again_for_another_meeting() -> None:
    api = client(application())
    first = put(api)
    api.post(PATH, ending("inv-1"))
    second = put(api)
    uids = {meeting_of(found["attachments"]["icalendar"])[1]["UID"] for found in (first, second)}
    assert (len(uids), second["method"]) == (2, "request")
    assert not Ending.objects.exists()


@pytest.mark.slow
def test_all_of_several_are_told_in_one_object() -> None:
    api = client(application())
    put(api, "inv-1", "a@example.org", "b@example.org")
    found = api.post(PATH, ending("inv-1", "a@example.org", "b@example.org")).json()
    method, event = meeting_of(found["attachments"]["icalendar"])
    assert (method, len(event["ATTENDEE"]), len(found["recipients"])) == ("CANCEL", 2, 2)
    assert api.get(PATH, smart_invite_id="inv-1", include_ics="true").json() == found
    one = api.get(PATH, smart_invite_id="inv-1", recipient_email="b@example.org").json()
    assert (one["method"], one["recipient"]["email"]) == ("cancel", "b@example.org")


def test_cancellation_takes_as_many_statements_for_many_as_for_two() -> None:
    api, counts = client(application()), []
    for number in (2, 6):
        emails = [f"person{one}@example.org" for one in range(number)]
        put(api, f"inv-{number}", *emails)
        with CaptureQueriesContext(connection) as asked:
            assert api.post(PATH, ending(f"inv-{number}", *emails)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_some_of_several_leave_the_meeting_to_the_others() -> None:
    api = client(application())
    put(api, "inv-1", "a@example.org", "b@example.org", "c@example.org")
    gone = api.post(PATH, ending("inv-1", "a@example.org", "b@example.org")).json()
    method, event = meeting_of(gone["attachments"]["icalendar"])
    assert (method, [str(one) for one in event["ATTENDEE"]]) == (
        "CANCEL",
        ["mailto:a@example.org", "mailto:b@example.org"],
    )
    again = api.post(PATH, ending("inv-1", "a@example.org", "b@example.org")).json()
    assert again["recipients"] == gone["recipients"]
    assert api.get(PATH, smart_invite_id="inv-1").json()["recipients"] == [
        {"email": "c@example.org", "status": "pending"}
    ]
    # Invited again with a newer SEQUENCE than the cancellation's.
    back = put(api, "inv-1", "a@example.org")
    assert meeting_of(back["attachments"]["icalendar"])[1]["SEQUENCE"] > event["SEQUENCE"]


@pytest.mark.slow
def test_removal_answers_both_objects() -> None:
    api = client(application())
    put(api, "inv-1", "a@example.org", "b@example.org")
    found = api.post(PATH, ending("inv-1", "a@example.org", method="remove")).json()
    assert found["recipients"] == [{"email": "b@example.org", "status": "pending"}]
    method, event = meeting_of(found["attachments"]["icalendar"])
    assert (method, str(event["ATTENDEE"])) == ("REQUEST", "mailto:b@example.org")
    removed = found["attachments"]["removed"]
    method, event = meeting_of(removed["icalendar"])
    assert (removed["email"], method, str(event["ATTENDEE"])) == ("a@example.org", "CANCEL", "mailto:a@example.org")
    one = api.get(PATH, smart_invite_id="inv-1", recipient_email="a@example.org").json()
    assert one["method"] == "cancel"


def test_removal_of_the_last_one_ends_the_meeting() -> None:
    api = client(application())
    put(api)
    found = api.post(PATH, ending("inv-1", method="remove")).json()
    assert (found["method"], found["attachments"]["removed"]["email"]) == ("cancel", GUEST)
    assert not Event.objects.exists()


def test_somebody_with_an_account_is_uninvited_too() -> None:
    factories.user("bob")
    api = client(application())
    put(api, "inv-1", "bob@example.com", "a@example.org")
    api.post(PATH, ending("inv-1", "bob@example.com"))
    assert not Event.objects.get().invites.exists()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["staff", "service user", "its room"])
def test_invite_stays_readable_whoever_ends_the_meeting(who: str) -> None:
    app = application()
    api = client(app)
    put(api)
    event = Event.objects.get()
    update_event(event=event, actor=Actor.by_admin(factories.staff()), columns={"title": "As it was last"})
    match who:
        case "staff":
            delete_event(event=event, actor=Actor.by_admin(app.service_user))
        case "service user":
            Api(app.service_user).delete(f"/v1/events/{event.pk}")
        case _:
            Api(app.service_user).delete(f"/v1/rooms/{event.room_id}")
    found = api.get(PATH, smart_invite_id="inv-1", recipient_email=GUEST, include_ics="true").json()
    method, told = meeting_of(found["attachments"]["icalendar"])
    assert (method, told["SEQUENCE"], found["event"]["summary"]) == ("CANCEL", 2, "As it was last")


@pytest.mark.slow
def test_mails_go_out_where_the_site_sends_them() -> None:
    api = client(application(sends_mails=True))
    put(api)
    OutgoingMail.objects.all().delete()
    api.post(PATH, ending("inv-1"))
    assert sorted(OutgoingMail.objects.values_list("address", "kind")) == [
        (GUEST, "external_event_cancellation"),
        ("recruiting@example.com", "registered_event_cancellation"),
    ]
