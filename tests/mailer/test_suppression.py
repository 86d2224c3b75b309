"""Addresses that get no mail, and tenants that have sent enough for a day."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client as Browser
from pytest_django import Settings

from activity.actors import Actor
from activity.models import Activity
from mailer import outbox
from mailer.kinds import from_json, to_json
from mailer.models import OutgoingMail, SuppressedAddress, TenantMails
from mailer.samples import sample
from mailer.send import deliver_due
from mailer.suppression import lift, suppress
from operations.tasks import run_job
from tests import factories
from tests.mailer.test_transports import Published
from tests.staff.asking import confirmed

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TENANT = uuid.UUID(int=7)
JOB = Actor.by_job("test")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


def queue(address: str = "lee@example.com", tenant_id: uuid.UUID | None = TENANT) -> OutgoingMail:
    message = to_json(sample("external_event_invite", "single", "en"))
    message["invitee"]["email"] = address
    cause = uuid.uuid4()
    with transaction.atomic():
        outbox.enqueue([from_json(message)], cause=cause, tenant_id=tenant_id)
    return OutgoingMail.objects.get(cause=cause)


def deliver() -> int:
    """How many were published."""
    published = Published()
    deliver_due(transport=published)
    return len(published.messages)


def state(mail: OutgoingMail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.state, mail.withheld_for


def send_again(mail: OutgoingMail) -> None:
    outbox.send_again(mail=mail, message=None)


def test_suppressed_address_gets_no_mail_in_any_spelling() -> None:
    suppress(address="LEE@B\u00fccher.example", reason="bounced", actor=JOB)
    mail, other = queue("lee@xn--bcher-kva.example"), queue("kim@example.com")
    assert deliver() == 1
    assert (state(mail), state(other)) == (("withheld", "suppressed"), ("sent", ""))
    assert mail.last_error == "The address is suppressed since 2026-11-21 12:00 UTC: bounced"
    assert [attempt.outcome for attempt in mail.tries.all()] == ["withheld"]


def test_what_is_queued_when_it_is_lifted_goes() -> None:
    suppress(address="lee@example.com", reason="bounced", actor=JOB)
    mail = queue()
    assert lift(row=SuppressedAddress.objects.get(), actor=JOB)
    assert deliver() == 1
    assert state(mail) == ("sent", "")


def test_what_was_withheld_goes_when_it_is_sent_again_after_the_lifting() -> None:
    suppress(address="lee@example.com", reason="bounced", actor=JOB)
    mail = queue()
    deliver()
    send_again(mail)
    deliver()
    assert state(mail) == ("withheld", "suppressed")
    lift(row=SuppressedAddress.objects.get(), actor=JOB)
    assert deliver() == 0
    send_again(mail)
    assert state(mail) == ("queued", "")
    assert deliver() == 1


def test_second_suppression_changes_nothing(clock: time_machine.Traveller) -> None:
    assert suppress(address="lee@example.com", reason="bounced", actor=JOB, detail="no such user")
    clock.shift(timedelta(days=1))
    assert not suppress(address="Lee@example.com", reason="complained", actor=JOB)
    row = SuppressedAddress.objects.get()
    assert (row.reason, row.detail, row.since) == ("bounced", "no such user", NOON)
    assert Activity.objects.count() == 1


def test_news_older_than_the_lifting_suppresses_nothing(clock: time_machine.Traveller) -> None:
    suppress(address="lee@example.com", reason="bounced", actor=JOB)
    clock.shift(timedelta(hours=1))
    row = SuppressedAddress.objects.get()
    assert lift(row=row, actor=JOB)
    assert not lift(row=row, actor=JOB)
    assert not suppress(address="lee@example.com", reason="bounced", actor=JOB, at=NOON + timedelta(minutes=30))
    clock.shift(timedelta(hours=1))
    assert suppress(address="lee@example.com", reason="complained", actor=JOB)
    row.refresh_from_db()
    assert (row.reason, row.lifted_at, row.lifted_by) == ("complained", None, "")


@pytest.mark.slow
def test_staff_suppress_and_lift_in_the_admin_and_the_log_says_so() -> None:
    staff = factories.staff()
    browser = Browser()
    browser.force_login(staff)
    pages = "/admin/mailer/suppressedaddress/"
    answer = browser.post(f"{pages}add/", {"address": "LEE@example.com", "detail": "Asked by phone"})
    assert answer.status_code == 302
    row = SuppressedAddress.objects.get()
    assert (row.address, row.reason, row.detail) == ("lee@example.com", "staff", "Asked by phone")
    assert "lee@example.com" in browser.get(pages).content.decode()
    assert browser.get(f"{pages}{row.pk}/change/").status_code == 200
    confirmed(browser, pages, {"action": "lift", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.lifted_at, row.lifted_by) == (NOON, str(staff))
    assert browser.post(f"{pages}add/", {"address": "lee@example.com"}).status_code == 302
    row.refresh_from_db()
    assert row.lifted_at is None
    log = Activity.objects.order_by("position").values_list("kind", "actor_name", "data")
    added = ("mail.address_suppressed", str(staff), {"address": "lee@example.com", "reason": "staff"})
    assert list(log) == [added, ("mail.suppression_lifted", str(staff), {"address": "lee@example.com"}), added]


def test_staff_without_the_permission_cannot_lift() -> None:
    suppress(address="lee@example.com", reason="bounced", actor=JOB)
    browser = Browser()
    viewer = factories.user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_suppressedaddress"))
    browser.force_login(viewer)
    pages = "/admin/mailer/suppressedaddress/"
    browser.post(pages, {"action": "lift", "_selected_action": [SuppressedAddress.objects.get().pk]})
    assert browser.post(f"{pages}add/", {"address": "kim@example.com"}).status_code == 403
    assert SuppressedAddress.objects.get().lifted_at is None


@pytest.mark.slow
def test_mails_above_the_quota_wait_for_the_next_day(settings: Settings, clock: time_machine.Traveller) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 2
    mails = [queue() for _number in range(4)]
    other = [queue(tenant_id=uuid.UUID(int=8)), queue(tenant_id=None)]
    assert deliver() == 4
    assert [state(mail) for mail in [*mails, *other]] == [("sent", "")] * 2 + [("withheld", "quota")] * 2 + [
        ("sent", "")
    ] * 2
    assert mails[2].next_try_at == datetime(2026, 11, 22, tzinfo=UTC)
    clock.move_to(datetime(2026, 11, 21, 23, 59, tzinfo=UTC))
    run_job("deliver-mail")
    assert state(mails[2]) == ("withheld", "quota")
    clock.move_to(datetime(2026, 11, 22, tzinfo=UTC))
    run_job("deliver-mail")
    assert [state(mail) for mail in mails] == [("sent", "")] * 4
    assert {(row.tenant_id, row.day.day, row.count) for row in TenantMails.objects.all()} == {
        (TENANT, 22, 2),
        (uuid.UUID(int=8), 21, 1),
    }


def test_staff_release_what_the_quota_holds(settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 1
    mails = [queue(), queue()]
    deliver()
    send_again(mails[1])
    assert deliver() == 1
    assert [state(mail) for mail in mails] == [("sent", "")] * 2


def test_mail_counts_once_however_often_it_is_tried(settings: Settings, clock: time_machine.Traveller) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 2
    mail = queue("2@example.com")
    for _try in range(3):
        deliver_due(transport=Published(_2=KeyError("surprise")))
        clock.shift(timedelta(hours=1))
    assert deliver() == 1
    assert (state(mail), TenantMails.objects.get().count) == (("sent", ""), 1)


def test_suppressed_mail_uses_no_quota(settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 1
    suppress(address="lee@example.com", reason="bounced", actor=JOB)
    queue()
    deliver()
    assert not TenantMails.objects.exists()
