"""Workers and ESPs that meet at one quota and one address, each with a database connection of its own."""

import uuid

import pytest
from django.db import transaction
from pytest_django import Settings

from activity.actors import Actor
from activity.models import Activity
from mailer import outbox, quota
from mailer.kinds import from_json, to_json
from mailer.models import OutgoingMail, SuppressedAddress, TenantMails
from mailer.samples import sample
from mailer.send import deliver_due
from mailer.suppression import suppress
from tests.mailer.test_transports import Published
from tests.parallel import at_once, before_commit

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]
TENANT = uuid.UUID(int=7)


def test_workers_share_a_quota_exactly(settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 20
    message = to_json(sample("external_event_invite", "single", "en"))
    with transaction.atomic():
        for number in range(40):
            message["invitee"]["email"] = f"{number}@example.com"
            outbox.enqueue([from_json(message)], cause=uuid.uuid4(), tenant_id=TENANT)
    workers = [Published() for _number in range(6)]
    at_once([lambda worker=worker: deliver_due(transport=worker) for worker in workers])  # type: ignore[misc]
    assert sum(len(worker.messages) for worker in workers) == 20
    states = list(OutgoingMail.objects.values_list("state", "withheld_for"))
    assert (states.count(("sent", "")), states.count(("withheld", "quota"))) == (20, 20)
    assert TenantMails.objects.get().count == 20


def test_last_mail_of_a_quota_is_taken_once(settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 2
    with transaction.atomic():
        for _number in range(3):
            outbox.enqueue([sample("external_event_invite", "single", "en")], cause=uuid.uuid4(), tenant_id=TENANT)
    first, *others = OutgoingMail.objects.all()
    taken = [quota.take(first)]
    late = before_commit(lambda: taken.append(quota.take(others[0])), lambda: quota.take(others[1]))
    assert (taken, late, TenantMails.objects.get().count) == ([True, True], False, 2)


def test_address_that_is_told_of_twice_at_once_is_suppressed_once() -> None:
    actor = Actor.by_job("test")
    found = at_once([lambda: suppress(address="lee@example.com", reason="bounced", actor=actor)] * 6)
    assert sorted(found) == [False] * 5 + [True]
    assert SuppressedAddress.objects.count() == Activity.objects.filter(kind="mail.address_suppressed").count() == 1
