"""A mail is sent once more by staff: it says what is true now, whether it had failed or was sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from mailer.kept import prune
from mailer.kinds import from_json
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle
from tests.events.changes import WEEKLY, time
from tests.staff.asking import saved
from tests.traces import Traces
from users.models import User

pytestmark = pytest.mark.django_db
SECOND = "20261130T090000Z"


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def send_again(*mails: OutgoingMail, client: Client | None = None) -> str:
    """What the admin says to it."""
    if client is None:
        client = Client()
        client.force_login(User.objects.filter(username="admin").first() or factories.staff())
    chosen = {"action": "send_again", "_selected_action": [one.pk for one in mails]}
    return str(saved(client, reverse("admin:mailer_outgoingmail_changelist"), chosen, follow=True).content.decode())


def mail_to(address: str, kind: str, **which: Any) -> OutgoingMail:
    return OutgoingMail.objects.get(address=address, kind=kind, **which)


def has_failed(one: OutgoingMail) -> OutgoingMail:
    OutgoingMail.objects.filter(pk=one.pk).update(state="failed", attempts=8)
    return one


def calendar_of(sent: Any) -> Any:
    text = next(content for content, kind in sent.alternatives if kind.startswith("text/calendar"))
    return next(iter(Calendar.from_ical(text).walk("VEVENT")))


@pytest.mark.slow
def test_failed_update_says_what_is_true_now(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "Old"})
    failed = has_failed(mail_to("bob@example.com", "registered_event_update"))
    circle.api("creator").patch(circle.path, {"title": "New", "description": "Cake"})
    assert "1 mail is sent again" in send_again(failed)
    failed.refresh_from_db()
    message: Any = from_json(failed.message)
    assert (failed.state, failed.attempts, failed.sequence) == ("queued", 0, 2)
    assert (message.event.name, message.event.description, message.changes) == ("New", "Cake", {})


def test_failed_update_of_the_latest_change_still_says_what_changed(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "New"})
    failed = has_failed(mail_to("bob@example.com", "registered_event_update"))
    send_again(failed)
    failed.refresh_from_db()
    message: Any = from_json(failed.message)
    assert message.changes == {"title": ("Team meeting", "New")}


@pytest.mark.slow
def test_mail_that_is_sent_again_is_in_the_log(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "New"})
    failed = has_failed(mail_to("bob@example.com", "registered_event_update"))
    traces = Traces()
    send_again(failed)
    (activity,) = traces.log()
    assert (activity.kind, activity.subject_id, activity.event_id) == ("mail.resent", failed.pk, circle.event.pk)
    assert activity.data == {"address": "bob@example.com", "kind": "registered_event_update"}
    assert (activity.tenant_id, activity.via) == (circle.event.tenant_id, "admin")


@pytest.mark.slow
def test_sent_mail_goes_out_again_as_another_one(circle: Circle) -> None:
    circle.invite("dora@example.org", suppress_mail=False)
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(hours=1))
    deliver_due()
    sent = mail_to("dora@example.org", "external_event_invite")
    (first,) = (one for one in mail.outbox if one.to == ["dora@example.org"])
    mail.outbox.clear()
    circle.api("creator").patch(circle.path, {"title": "New"})
    OutgoingMail.objects.exclude(pk=sent.pk).delete()
    send_again(sent)
    assert deliver_due() == 1
    (second,) = mail.outbox
    # Receivers drop a second mail of one Message-ID, and calendars an object that is not newer.
    assert second.extra_headers["Message-ID"] != first.extra_headers["Message-ID"]
    assert calendar_of(second)["DTSTAMP"].dt > calendar_of(first)["DTSTAMP"].dt
    assert (calendar_of(second)["SUMMARY"], calendar_of(second)["SEQUENCE"]) == ("New", 1)


def test_invitation_of_who_was_claimed_is_made_anew_for_the_account(circle: Circle) -> None:
    circle.invite("dora@example.org", suppress_mail=False)
    failed = has_failed(mail_to("dora@example.org", "external_event_invite"))
    factories.user("dora", registered=False, email="dora@example.org")
    send_again(failed)
    failed.refresh_from_db()
    assert (failed.kind, failed.state) == ("unregistered_event_invite", "queued")


@pytest.mark.slow
def test_creators_own_copy_is_made_anew(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "Old"})
    failed = has_failed(mail_to("alice@example.com", "registered_event_update"))
    circle.api("creator").patch(circle.path, {"title": "New"})
    send_again(failed)
    failed.refresh_from_db()
    message: Any = from_json(failed.message)
    assert (message.event.name, message.recipient.partstat) == ("New", "ACCEPTED")


@pytest.mark.slow
@pytest.mark.parametrize("then", ["moved on", "restored", "no occurrence"])
def test_update_of_one_occurrence_shows_it_as_it_is_now(circle: Circle, then: str) -> None:
    path = f"{circle.path}/instances/{SECOND}"
    circle.api("creator").patch(path, {"status": "cancelled"})
    failed = has_failed(mail_to("bob@example.com", "registered_event_update"))
    if then == "moved on":
        circle.api("creator").patch(path, {"status": "ok", "starts_at": time("2026-11-30T14:00:00Z")})
    elif then == "restored":
        circle.api("creator").patch(path, {"status": "ok"})
    else:
        circle.api("creator").patch(circle.path, {"recurrence_pattern": ["RRULE:FREQ=MONTHLY"]})
    send_again(failed)
    failed.refresh_from_db()
    message: Any = from_json(failed.message)
    if then == "no occurrence":
        assert message.event_exception is None
        assert message.event.rrule == "RRULE:FREQ=MONTHLY"
        return
    starts_at = message.event_exception.starts_at
    assert message.event_exception.kind == "modified"
    assert (starts_at and starts_at.time) == (datetime(2026, 11, 30, 14, tzinfo=UTC) if then == "moved on" else None)


@pytest.mark.slow
def test_invitation_is_not_sent_to_who_is_out(circle: Circle) -> None:
    circle.invite("dora@example.org", suppress_mail=False)
    failed = has_failed(mail_to("dora@example.org", "external_event_invite"))
    circle.api("creator").delete(f"{circle.path}/invites/email", {"email": "dora@example.org"})
    text = send_again(failed)
    assert "Not sent to dora@example.org: no longer invited" in text
    assert "0 mails are sent again" in text
    failed.refresh_from_db()
    assert failed.state == "failed"


@pytest.mark.slow
def test_un_invitation_is_not_sent_to_who_is_in_again(circle: Circle) -> None:
    circle.invite("dora@example.org", suppress_mail=False)
    circle.api("creator").delete(f"{circle.path}/invites/email", {"email": "dora@example.org"})
    failed = has_failed(mail_to("dora@example.org", "external_event_uninvite"))
    send_again(failed)
    failed.refresh_from_db()
    assert failed.state == "queued"
    has_failed(failed)
    circle.invite("dora@example.org", suppress_mail=False)
    assert "Not sent to dora@example.org: invited again" in send_again(failed)


@pytest.mark.slow
def test_of_a_deleted_meeting_only_the_cancellation_is_sent(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "New"})
    circle.api("creator").delete(circle.path)
    update, cancellation = (
        has_failed(mail_to("bob@example.com", f"registered_event_{action}")) for action in ("update", "cancellation")
    )
    before = cancellation.message
    text = send_again(update, cancellation)
    assert "Not sent to bob@example.com: the meeting was deleted" in text
    assert "1 mail is sent again" in text
    cancellation.refresh_from_db()
    assert (cancellation.state, cancellation.message) == ("queued", before)


@pytest.mark.slow
def test_mail_that_waits_to_be_sent_is_left_alone(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "New"})
    waiting = mail_to("bob@example.com", "registered_event_update")
    assert "0 mails are sent again" in send_again(waiting)
    waiting.refresh_from_db()
    assert waiting.resent_at is None


def test_unreadable_message_is_tried_as_it_is(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "New"})
    failed = has_failed(mail_to("bob@example.com", "registered_event_update"))
    OutgoingMail.objects.filter(pk=failed.pk).update(message={"version": "0"})
    assert "1 mail is sent again" in send_again(failed)


def test_who_may_only_look_cannot_send_again(circle: Circle) -> None:
    circle.api("creator").patch(circle.path, {"title": "New"})
    failed = has_failed(mail_to("bob@example.com", "registered_event_update"))
    looker = factories.user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_outgoingmail"))
    client = Client()
    client.force_login(looker)
    send_again(failed, client=client)
    failed.refresh_from_db()
    assert failed.state == "failed"


@pytest.mark.slow
def test_mail_whose_contents_were_removed_goes_out_again_with_its_secrets(circle: Circle, settings: Any) -> None:
    circle.invite("dora@example.org", suppress_mail=False)
    deliver_due()
    sent = mail_to("dora@example.org", "external_event_invite")
    with time_machine.travel(timezone.now() + timedelta(days=settings.MAIL_BODY_DAYS + 1)):
        assert prune(limit=100)
    pruned = mail_to("dora@example.org", "external_event_invite")
    assert pruned.message["invite_code"] == "hidden"
    send_again(pruned)
    pruned.refresh_from_db()
    assert (pruned.state, pruned.pruned_at) == ("queued", None)
    assert pruned.message["invite_code"] == sent.message["invite_code"]
