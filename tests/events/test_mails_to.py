"""Why somebody got no mail, and to send it again: from the person or the meeting in four clicks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from events.digest_models import Digest
from events.models import Event, Reminder
from events.services.invitations import invite_user
from invites.models import EventInvite
from mailer.models import HeldDomain, OutgoingMail, SuppressedAddress
from mailer.suppression import suppress
from tests import factories
from tests.circle import Circle
from tests.staff.asking import ask, confirmed
from tests.staff.holding import Holding, browser_of, with_role
from tests.staff.test_roles import Links
from users.models import User
from users.roles import MAIL_OPERATOR, SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
TO = "/admin/mailer/outgoingmail/to/"
MAILS = "/admin/mailer/outgoingmail/"
MONDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def staff() -> Client:
    return browser_of(factories.staff())


@pytest.fixture
def circle() -> Circle:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    EventInvite.objects.all().delete()
    circle.invite(circle.bob, suppress_mail=False)
    return circle


def page(client: Client, address: str = "bob@example.com") -> str:
    answer = client.get(TO, {"address": address})
    assert answer.status_code == 200
    return answer.content.decode()


def person_page(client: Client, person: User) -> str:
    return client.get(f"/admin/users/user/{person.pk}/change/").content.decode()


def bob_got_none(**columns: Any) -> OutgoingMail:
    mail = OutgoingMail.objects.get(address="bob@example.com")
    OutgoingMail.objects.filter(pk=mail.pk).update(**{"state": "failed", "last_error": "550 no such user"} | columns)
    return mail


@pytest.mark.slow
def test_from_the_person_it_is_sent_again_with_what_is_true_now(staff: Client, circle: Circle) -> None:
    mail = bob_got_none()
    Event.objects.update(title="Renamed")
    text = person_page(staff, circle.bob)
    assert "the newest mail: failed" in text
    (link,) = [path for path in Links("/", text).found if path.startswith(TO)]  # the first click
    text = staff.get(link).content.decode()
    assert "550 no such user" in text
    again = {"action": "send_again", "_selected_action": mail.pk, "_next": link}
    assert "1 mail is sent again, with what is true now." in ask(staff, MAILS, again).content.decode()  # the second
    answer = confirmed(staff, MAILS, again)  # the third
    assert (answer.status_code, answer["Location"]) == (302, link)
    mail.refresh_from_db()
    assert (mail.state, mail.message["event"]["name"]) == ("queued", "Renamed")


@pytest.mark.slow
def test_from_the_meeting_the_mail_leads_to_the_address(staff: Client, circle: Circle) -> None:
    mail = bob_got_none()
    text = staff.get(f"/admin/events/event/{circle.event.pk}/change/").content.decode()
    assert f"{MAILS}{mail.pk}/change/" in text  # the first click
    text = staff.get(f"{MAILS}{mail.pk}/change/").content.decode()
    assert f"{TO}?address=bob%40example.com" in text  # the second; sending and confirming are the others


@pytest.mark.slow
def test_suppressed_address_is_said_and_lifted(staff: Client, circle: Circle) -> None:
    suppress(address="bob@example.com", reason="bounced", actor=Actor.by_job("test"), detail="550 unknown")
    bob_got_none(state="withheld", withheld_for="suppressed", last_error="")
    assert "the address is suppressed: permanent bounce" in person_page(staff, circle.bob)
    text = page(staff)
    assert "permanent bounce (550 unknown)" in text
    lift = {"action": "lift", "_selected_action": SuppressedAddress.objects.get().pk, "_next": TO}
    path = "/admin/mailer/suppressedaddress/"
    assert "1 mail that was withheld stays unsent; it can be sent again." in ask(staff, path, lift).content.decode()
    assert confirmed(staff, path, lift)["Location"] == TO
    assert SuppressedAddress.objects.get().lifted_at is not None
    assert "suppressed since" not in page(staff)


@pytest.mark.slow
def test_held_domain_is_said_with_the_way_to_release_it(staff: Client, circle: Circle) -> None:
    until = timezone.now() + timedelta(hours=1)
    HeldDomain.objects.create(domain="example.com", held_until=until, last_error="421 try later")
    text = page(staff)
    assert "421 try later" in text
    assert "/admin/mailer/helddomain/example.com/delete/" in text
    HeldDomain.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert "421 try later" not in page(staff)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("asked for none", "None was made: the program that was used asked for none."),
        ("sends none", "This meeting sends no mails: the program that planned it does."),
        ("disabled", "Disabled accounts get no mails."),
        ("reminders", "Reminders are switched off."),
        ("answers", "Mails about answers are switched off."),
    ],
)
def test_reason_is_told_where_there_is_no_mail(why: str, told: str, staff: Client, circle: Circle) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert told not in page(staff)
        OutgoingMail.objects.all().delete()
        match why:
            case "sends none":
                Event.objects.update(sends_mails=False)
            case "disabled":
                User.objects.filter(pk=circle.bob.pk).update(disabled_since=timezone.now())
            case "reminders":
                Reminder.objects.create(user=circle.bob, is_off=True)
            case "answers":
                Digest.objects.update_or_create(user=circle.bob, defaults={"frequency": "off"})
        assert told in page(staff)


@pytest.mark.slow
def test_next_meetings_are_those_ahead_in_their_order(staff: Client, circle: Circle) -> None:
    carl = factories.user("carl")
    soon = factories.event(
        carl,
        title="Soon",
        schedule=factories.schedule(
            starts_at=datetime(2026, 11, 22, 15, tzinfo=UTC), ends_at=datetime(2026, 11, 22, 16, tzinfo=UTC)
        ),
    )
    past = factories.event(
        carl,
        title="Past",
        schedule=factories.schedule(
            starts_at=datetime(2026, 1, 1, 15, tzinfo=UTC), ends_at=datetime(2026, 1, 1, 16, tzinfo=UTC)
        ),
    )

    for event in (soon, past):
        invite_user(event=event, invitee=circle.bob, actor=Actor.by_api(carl))
    with time_machine.travel(MONDAY, tick=False):
        text = person_page(staff, circle.bob)
        assert text.index(">Soon</a>") < text.index(">Team meeting</a>")
        assert ">Past</a>" not in text
        text = page(staff)
        assert text.index(">Soon</a>") < text.index(">Team meeting</a>")


@pytest.mark.slow
def test_address_without_account_has_its_page(staff: Client, circle: Circle, settings: Any) -> None:
    settings.EVENT_INVITE_EXTERNAL = True
    circle.invite("dora@example.org", suppress_mail=False)
    with time_machine.travel(MONDAY, tick=False):
        text = page(staff, "Dora@example.org")
    assert "No account here has this address." in text
    assert text.count("Team meeting") >= 2
    assert "Send the invitation" in text


def test_without_address_the_page_asks_for_one(staff: Client) -> None:
    answer = staff.get(TO)
    assert answer.status_code == 200
    assert 'name="address"' in answer.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (SUPPORT, set()),
        (MAIL_OPERATOR, {"Send again", "Send the invitation", "Lift the suppression"}),
        (TENANT_ADMINISTRATOR, {"Send again", "Send the invitation"}),
    ],
)
def test_each_role_has_its_buttons(role: str, actions: set[str], circle: Circle) -> None:
    bob_got_none()
    suppress(address="bob@example.com", reason="staff", actor=Actor.by_job("test"))
    with time_machine.travel(MONDAY, tick=False):
        text = page(browser_of(with_role(role)))
    assert {word for word in ("Send again", "Send the invitation", "Lift the suppression") if word in text} == actions


@pytest.mark.slow
def test_tenant_administrator_sees_nothing_of_another_tenant() -> None:
    own, other = Holding("walnut"), Holding("quince")
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, own.tenant))
    for address in (other.owner.email, "dora@quince.example.org"):
        text = page(boss, address).replace(address, "")
        assert not [mark for mark in other.marks if mark in text]


@pytest.mark.slow
def test_statements_do_not_grow(staff: Client, circle: Circle) -> None:
    counts = set()
    with time_machine.travel(MONDAY, tick=False):
        person_page(staff, circle.bob)  # what each process looks up once
        for _time in range(3):
            event = factories.event(factories.user(), schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
            for invitee in (circle.bob, factories.user()):
                invite_user(event=event, invitee=invitee, actor=Actor.by_api(event.created_by))
            with CaptureQueriesContext(connection) as captured:
                page(staff)
                person_page(staff, circle.bob)
            counts.add(len(captured))
    assert len(counts) == 1
