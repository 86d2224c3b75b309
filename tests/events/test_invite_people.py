"""POST /v1/events/{id}/invites (contract 10.2)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from events.models import Agenda
from invites.models import EmailInvite, EventInvite, InviteCode
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces
from users.models import Tariff

pytestmark = pytest.mark.django_db


def invite(circle: Circle, body: Any, **query: Any) -> Any:
    return circle.api("creator").post(f"{circle.path}/invites", body, **query)


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 201),
    ],
    fast=2,
)
def test_only_the_creator_may_invite(who: str, status: int) -> None:
    circle = Circle()
    answer = circle.api(who).post(f"{circle.path}/invites", {"email": "dora@example.org"})
    assert answer.status_code == status
    assert EmailInvite.objects.exists() is (status == 201)


def test_invited_moderator_may_not_invite() -> None:
    circle = Circle()
    EventInvite.objects.update(role="moderator")
    assert circle.api("invitee").post(f"{circle.path}/invites", {"email": "dora@example.org"}).status_code == 403


@pytest.mark.parametrize(("role", "stored"), [(None, "user"), ("user", "user"), ("moderator", "moderator")])
def test_user_is_invited_and_mailed_alone(role: str | None, stored: str) -> None:
    circle, carl = Circle(), factories.user("carl")
    traces = Traces()
    answer = invite(circle, {"invitee": str(carl.pk)} | ({"role": role} if role else {}))
    assert (answer.status_code, answer.content) == (201, b"")
    assert traces.mails() == [("carl@example.com", "registered_event_invite", 0)]
    assert traces.activities() == [("invite.added", ["alice", "carl"])]
    row = EventInvite.objects.get(invitee=carl)
    assert (row.role, row.status, row.created_by) == (stored, "pending", circle.alice)
    entry = Agenda.objects.get(user=carl)
    assert (entry.role, entry.invite_status) == (stored, "pending")


def test_address_of_a_user_invites_the_user() -> None:
    circle, carl = Circle(), factories.user("carl")
    traces = Traces()
    assert invite(circle, {"email": "  CARL@Example.com ", "role": "moderator"}).status_code == 201
    assert traces.mails() == [("carl@example.com", "registered_event_invite", 0)]
    assert EventInvite.objects.get(invitee=carl).role == "moderator"
    assert not EmailInvite.objects.exists()


def test_account_that_never_signed_in_is_invited_by_name_without_a_code() -> None:
    circle = Circle()
    factories.user("erik", registered=False, email="erik@example.org")
    traces = Traces()
    assert invite(circle, {"email": "erik@example.org"}).status_code == 201
    assert traces.mails() == [("erik@example.org", "unregistered_event_invite", 0)]
    assert traces.activities() == [("invite.added", ["alice"])]
    row = EmailInvite.objects.get()
    assert (row.first_name, row.last_name, row.invite_code) == ("Erik", "Example", None)


@pytest.mark.parametrize(
    ("role", "stored"), [(None, "guest"), ("guest", "guest"), ("user", "guest"), ("moderator", "moderator")]
)
def test_outsider_gets_a_code_of_his_own(role: str | None, stored: str) -> None:
    circle = Circle()
    traces = Traces()
    body = {"email": "Dora@Example.ORG"} | ({"role": role} if role else {})
    assert invite(circle, body).status_code == 201
    assert traces.mails() == [("dora@example.org", "external_event_invite", 0)]
    assert traces.activities() == [("code.created", ["alice"]), ("invite.added", ["alice"])]
    row = EmailInvite.objects.get()
    code = InviteCode.objects.get()
    assert (row.email, row.role, row.status, row.invite_code) == ("dora@example.org", stored, "pending", code)
    assert (code.active, code.expiration, code.created_by, code.room) == (True, None, circle.alice, circle.event.room)
    assert OutgoingMail.objects.get(address="dora@example.org").message["invite_code"] == str(code.code)
    assert str(code.code) not in str([activity.__dict__ for activity in traces.log()])


def test_outsiders_are_refused_where_the_server_says_so(settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = False
    circle = Circle()
    factories.user("erik", registered=False, email="erik@example.org")
    traces = Traces()
    answer = invite(circle, {"email": "dora@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_email")
    assert traces.is_empty()
    assert invite(circle, {"email": "erik@example.org"}).status_code == 201


@pytest.mark.slow
@pytest.mark.parametrize("why", ["encrypted", "the tariff has no guests"])
def test_outsiders_are_refused_where_no_guest_can_join(why: str) -> None:
    """A guest code would be a promise that nobody keeps."""
    circle = Circle(e2e_encryption=why == "encrypted")
    if why != "encrypted":
        Tariff.objects.update(disabled_features=["core::guests_allowed"])
    factories.user("erik", registered=False, email="erik@example.org")
    factories.user("carl")
    traces = Traces()
    answer = invite(circle, {"email": "dora@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (403, "service_unavailable")
    assert traces.is_empty()
    assert not InviteCode.objects.exists()
    for email in ("erik@example.org", "carl@example.com"):
        assert invite(circle, {"email": email}).status_code == 201


@pytest.mark.parametrize(("is_adhoc", "seconds"), [(True, 86400), (False, None)])
def test_mail_says_how_long_an_ad_hoc_meeting_is_kept(is_adhoc: bool, seconds: int | None) -> None:
    invite(Circle(is_adhoc=is_adhoc), {"email": "dora@example.org"})
    assert OutgoingMail.objects.get().message["event"]["adhoc_retention_seconds"] == seconds


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_mail_names_the_dial_in_only_where_it_works(settings: Any, is_encrypted: bool) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    factories.user("carl")
    invite(Circle(e2e_encryption=is_encrypted), {"email": "carl@example.com"})
    assert (OutgoingMail.objects.get().message["event"]["call_in"] is None) is is_encrypted


@pytest.mark.slow
def test_who_is_invited_already_is_not_mailed_again() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    traces = Traces()
    for body in (
        {"invitee": str(circle.bob.pk)},
        {"email": "bob@example.com", "role": "moderator"},
        {"email": "DORA@example.org"},
        {"invitee": str(circle.alice.pk)},
        {"email": "alice@example.com"},
    ):
        answer = invite(circle, body)
        assert (answer.status_code, answer.content) == (204, b"")
    assert traces.is_empty()
    assert (EventInvite.objects.get().role, InviteCode.objects.count()) == ("user", 1)


@pytest.mark.parametrize("who", ["unknown", "other tenant", "disabled", "never signed in"])
def test_nobody_outside_the_tenant_is_invited_by_id(who: str) -> None:
    circle = Circle()
    people = {
        "unknown": uuid.uuid4,
        "other tenant": lambda: factories.user("eve", tenant=factories.tenant("another")).pk,
        "disabled": lambda: factories.user("dan", disabled_since=datetime(2026, 1, 1, tzinfo=UTC)).pk,
        "never signed in": lambda: factories.user("nora", registered=False).pk,
    }
    traces = Traces()
    answer = invite(circle, {"invitee": str(people[who]())})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert traces.is_empty()


def test_address_of_another_tenants_user_is_an_outsider() -> None:
    circle = Circle()
    factories.user("eve", tenant=factories.tenant("another"))
    traces = Traces()
    assert invite(circle, {"email": "eve@example.com"}).status_code == 201
    assert traces.mails() == [("eve@example.com", "external_event_invite", 0)]


@sweep(
    "body",
    [
        None,
        {},
        {"role": "user"},
        {"invitee": "bob"},
        {"invitee": 5},
        {"invitee": True},
        {"invitee": None},
        {"email": None},
        {"email": 5},
        {"email": ["dora@example.org"]},
        {"email": "dora@example.org", "role": "creator"},
        {"email": "dora@example.org", "role": ["moderator"]},
        {"email": "dora@example.org", "invitee": str(uuid.uuid4())},
        ["dora@example.org"],
        "dora@example.org",
    ],
    fast=5,
)
def test_neither_user_nor_address_is_invalid_json(body: Any) -> None:
    answer = invite(Circle(), body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    ("email", "status", "code"),
    [
        ("dora", 400, "invalid_email"),
        ("dora@", 400, "invalid_email"),
        ("", 422, "invalid_length"),
        ("dora@example.org\nBcc: eve@example.org", 400, "invalid_email"),
        ("Dora <dora@example.org>", 400, "invalid_email"),
        ("dora@example.org,eve@example.org", 400, "invalid_email"),
        ("d" * 250 + "@example.org", 422, "invalid_length"),
        ("d\u0131ra@example.org", 400, "invalid_email"),
        ("dora\u017f@example.org", 400, "invalid_email"),
        ("dora\u212a@example.org", 400, "invalid_email"),
        ("dora@" + "ü" * 60 + ".example", 400, "invalid_email"),
    ],
)
def test_what_is_no_address_is_named(email: str, status: int, code: str) -> None:
    answer = invite(Circle(), {"email": email})
    assert answer.status_code == status
    assert ("email", code) in [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]]


def test_suppressed_invitation_is_logged_but_not_mailed() -> None:
    circle = Circle()
    traces = Traces()
    assert invite(circle, {"email": "dora@example.org"}, suppress_email_notification="true").status_code == 201
    assert traces.mails() == []
    assert [kind for kind, _who in traces.activities()] == ["code.created", "invite.added"]
    assert EmailInvite.objects.get().invite_code is not None


def test_invitee_finds_event_and_room_at_once() -> None:
    circle, carl = Circle(), factories.user("carl")
    invite(circle, {"invitee": str(carl.pk)})
    api = Api(carl)
    for path in (circle.path, f"{circle.path}/invites", circle.room_path, f"{circle.room_path}/invites"):
        assert api.get(path).status_code == 200


@time_machine.travel(datetime(2026, 11, 1, 12, tzinfo=UTC), tick=False)
def test_the_mail_that_arrives() -> None:
    circle = Circle(password="open sesame")
    invite(circle, {"email": "dora@example.org"})
    code = InviteCode.objects.get()
    deliver_due()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["dora@example.org"], "Invitation: Team meeting")
    assert f"/invite/{code.code}" in message.body
    assert "Password: open sesame" in message.body
    assert [kind for _content, kind in message.alternatives] == ["text/html", "text/calendar; method=REQUEST"]
    (meeting,) = Calendar.from_ical(message.alternatives[1][0]).walk("VEVENT")
    assert (meeting["SEQUENCE"], meeting["ATTENDEE"], meeting["ATTENDEE"].params["PARTSTAT"]) == (
        0,
        "mailto:dora@example.org",
        "NEEDS-ACTION",
    )


@pytest.mark.slow
@pytest.mark.parametrize("who", ["bob@example.com", "dora@example.org"])
def test_invitation_after_an_uninvitation_is_newer(who: str) -> None:
    """Calendars order the two by SEQUENCE (RFC 5546 2.1.5)."""
    circle = Circle()
    circle.invite("dora@example.org")
    traces = Traces()
    circle.api("creator").delete(f"{circle.path}/invites/email", {"email": who})
    circle.invite(who, suppress_mail=False)
    assert sorted(sequence for _address, _kind, sequence in traces.mails()) == [1, 2]
    traces = Traces()
    circle.invite("carol@example.org", suppress_mail=False)
    assert [sequence for _address, _kind, sequence in traces.mails()] == [2]


def test_adhoc_meeting_is_mailed_to_who_is_invited_not_to_its_creator() -> None:
    """It begins at once: its creator needs no calendar entry, but nobody else knows of it."""
    circle, traces = Circle(schedule=None, is_adhoc=True), Traces()
    circle.invite("dora@example.org", suppress_mail=False)
    circle.api("creator").patch(circle.path, {"title": "Other"})
    assert traces.mails() == [
        ("bob@example.com", "registered_event_update", 1),
        ("dora@example.org", "external_event_invite", 0),
        ("dora@example.org", "external_event_update", 1),
    ]


SPELLINGS = [
    "Noor@Málaga.example",
    "noor@xn--mlaga-xqa.example",
    "noor@XN--MLAGA-XQA.Example",
    "noor@ma\u0301laga.example",
]


@pytest.mark.slow
def test_an_address_is_one_in_all_its_spellings() -> None:
    circle = Circle()
    assert [invite(circle, {"email": email}).status_code for email in SPELLINGS] == [201, 204, 204, 204]
    assert list(EmailInvite.objects.values_list("email", flat=True)) == ["noor@málaga.example"]


@pytest.mark.slow
@pytest.mark.parametrize("email", SPELLINGS)
def test_any_spelling_finds_the_person(email: str) -> None:
    circle = Circle()
    noor = factories.user("noor", email="noor@málaga.example")
    assert invite(circle, {"email": email}).status_code == 201
    assert EventInvite.objects.filter(invitee=noor).exists()
    assert circle.api("creator").delete(f"{circle.path}/invites/email", {"email": email}).status_code == 204
    assert not EventInvite.objects.filter(invitee=noor).exists()


def test_an_address_that_was_kept_as_name_servers_know_it_can_be_taken_back() -> None:
    circle = Circle()
    circle.invite("noor@málaga.example")
    EmailInvite.objects.update(email="noor@xn--mlaga-xqa.example")
    assert circle.api("creator").delete(f"{circle.path}/invites/email", {"email": SPELLINGS[0]}).status_code == 204
    assert not EmailInvite.objects.exists()
