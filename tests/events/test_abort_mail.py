"""Staff take back mails that were not sent yet, after they were asked."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from mailer.models import HeldDomain, OutgoingMail
from mailer.send import deliver_due
from tests import factories
from tests.circle import Circle
from tests.staff.asking import ask, confirmed, saved
from tests.traces import Traces

pytestmark = pytest.mark.django_db
LIST = reverse("admin:mailer_outgoingmail_changelist")


@pytest.fixture
def waiting() -> OutgoingMail:
    Circle().invite("dora@example.org", suppress_mail=False)
    return OutgoingMail.objects.get(address="dora@example.org")


@pytest.fixture
def admin(waiting: OutgoingMail) -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def abort(client: Client, *mails: OutgoingMail, **fields: Any) -> str:
    chosen = {"action": "abort", "_selected_action": [mail.pk for mail in mails]}
    return str(saved(client, LIST, chosen | fields, follow=True).content.decode())


def state_of(mail: OutgoingMail) -> str:
    mail.refresh_from_db()
    return mail.state


def test_staff_are_asked_before_anything_is_aborted(admin: Client, waiting: OutgoingMail) -> None:
    page = ask(admin, LIST, {"action": "abort", "_selected_action": [waiting.pk]}).content.decode()
    assert "1 mail will not be sent." in page
    assert "<td>dora@example.org</td><td>Invitation (guest)</td><td>English</td>" in page
    assert state_of(waiting) == "queued"


@pytest.mark.slow
def test_confirmed_mails_are_not_sent(admin: Client, waiting: OutgoingMail) -> None:
    traces = Traces()
    assert "1 mail is aborted" in abort(admin, waiting)
    assert state_of(waiting) == "aborted"
    OutgoingMail.objects.exclude(pk=waiting.pk).delete()
    assert deliver_due() == 0
    (activity,) = traces.log()
    assert (activity.kind, activity.subject_id, activity.via) == ("mail.aborted", waiting.pk, "admin")
    assert activity.data == {"address": "dora@example.org", "kind": "external_event_invite"}


@pytest.mark.slow
@pytest.mark.parametrize("state", ["sending", "failed", "aborted", "bounced"])
def test_what_does_not_wait_is_named_and_left_alone(admin: Client, waiting: OutgoingMail, state: str) -> None:
    OutgoingMail.objects.filter(pk=waiting.pk).update(state=state)
    other = OutgoingMail.objects.get(pk=waiting.pk)
    other.pk, other.address, other.state = uuid.uuid4(), "eve@example.org", "queued"
    other.save(force_insert=True)
    page = ask(admin, LIST, {"action": "abort", "_selected_action": [waiting.pk, other.pk]}).content.decode()
    assert "1 other mail stays as it is: it was sent, is being sent, or waits." in page
    traces = Traces()
    assert "0 mails are aborted" in abort(admin, waiting)
    assert state_of(waiting) == state
    assert traces.log() == []


@pytest.mark.slow
def test_aborted_mail_can_be_sent_after_all(admin: Client, waiting: OutgoingMail) -> None:
    abort(admin, waiting)
    confirmed(admin, LIST, {"action": "send_again", "_selected_action": [waiting.pk]})
    assert state_of(waiting) == "queued"


def test_who_may_only_look_cannot_abort(waiting: OutgoingMail) -> None:
    looker = factories.user("looker", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_outgoingmail"))
    client = Client()
    client.force_login(looker)
    abort(client, waiting)
    assert state_of(waiting) == "queued"


@pytest.mark.slow
def test_staff_see_the_attempts_and_the_domains_that_are_held(admin: Client, waiting: OutgoingMail) -> None:
    waiting.tries.create(outcome="deferred", smtp_code=451, error="451 4.7.1 Greylisted", worker="mail-1:77")
    page = admin.get(reverse("admin:mailer_outgoingmail_change", args=[waiting.pk])).content.decode()
    for shown in ("rejected temporarily", "451 4.7.1 Greylisted", "mail-1:77"):
        assert shown in page
    HeldDomain.objects.create(domain="slow.example", held_until=waiting.created_at, last_error="421 Later")
    assert "421 Later" in admin.get(reverse("admin:mailer_helddomain_changelist")).content.decode()
