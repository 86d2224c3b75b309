"""The link in a reminder by which somebody switches all of them off (RFC 8058)."""

import pytest
from django.conf import settings
from django.test import Client

from activity.models import Activity
from events.models import Reminder
from events.unsubscribe import link_for
from tests import factories

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def path(subject: object) -> str:
    return link_for(subject).removeprefix(settings.BASE_URL)  # type: ignore[arg-type]


def test_looking_at_the_link_changes_nothing() -> None:
    bob = factories.user("bob")
    answer = Client().get(path(bob.pk))
    assert answer.status_code == 200
    assert "<form" in answer.content.decode()
    assert not Reminder.objects.exists()


def test_one_click_switches_them_off_without_a_cookie() -> None:
    bob = factories.user("bob")
    answer = Client(enforce_csrf_checks=True).post(path(bob.pk), ONE_CLICK)
    assert answer.status_code == 200
    row = Reminder.objects.get()
    assert (row.user, row.event, row.is_off) == (bob, None, True)
    assert Activity.objects.filter(kind="reminders.updated", actor_id=bob.pk).count() == 1


def test_second_click_is_no_error() -> None:
    bob = factories.user("bob")
    for _time in range(2):
        assert Client().post(path(bob.pk), ONE_CLICK).status_code == 200
    assert Activity.objects.filter(kind="reminders.updated").count() == 1


def test_address_without_an_account_is_switched_off() -> None:
    for _time in range(2):
        assert Client().post(path("dora@example.org"), ONE_CLICK).status_code == 200
    row = Reminder.objects.get()
    assert (row.address, row.user, row.is_off) == ("dora@example.org", None, True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_was_not_made_here_opens_nothing(method: str) -> None:
    good = path(factories.user("bob").pk)
    for bad in (good + "x", "/reminders/off/x", "/reminders/off/x:y"):
        assert getattr(Client(), method)(bad).status_code == 404
    assert not Reminder.objects.exists()


def test_link_of_somebody_who_is_gone_opens_nothing() -> None:
    bob = factories.user("bob")
    link = path(bob.pk)
    bob.delete()
    assert Client().post(link, ONE_CLICK).status_code == 404
