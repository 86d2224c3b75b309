"""What commits late is listed once it is settled, and never into pages that were begun before."""

import threading

import pytest
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Place
from activity.log import record
from activity.room_kinds import RoomDeleted
from integrations.webex.listing import Filters, Page, page
from tests import factories
from tests.activity.test_reader import all_settled, in_threads, postgresql, take_transaction_id
from users.models import User

__all__ = ["postgresql"]
pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("postgresql")]
SECONDS = 300


def write(person: User, title: str) -> None:
    kind = RoomDeleted(title=title, owner_id=str(person.pk), has_password=False, waiting_room=False)
    record(kind, actor=Actor.by_api(person), subject=person, place=Place(tenant_id=person.tenant_id))


def write_late(person: User, has_begun: threading.Event, may_end: threading.Event) -> None:
    with transaction.atomic():
        take_transaction_id()
        write(person, "late")
        has_begun.set()
        assert may_end.wait(SECONDS)


def titles(found: Page) -> list[str]:
    return [one.data["title"] for one in found.events]


def test_late_transaction_is_listed_when_it_is_settled() -> None:
    alice, filters = factories.user("alice"), Filters(resource="rooms")
    for number in range(4):
        with transaction.atomic():
            write(alice, f"before {number}")
    all_settled()
    has_begun, may_end = threading.Event(), threading.Event()
    with in_threads() as start:
        late = start(write_late, alice, has_begun, may_end)
        assert has_begun.wait(SECONDS)
        with transaction.atomic():
            write(alice, "after")
        # What was written after a transaction that still runs waits for it: else the late one would be overlooked.
        first = page(alice.tenant_id, filters, maximum=3)
        may_end.set()
        late.result(SECONDS)
    all_settled()
    assert titles(first) == ["before 3", "before 2", "before 1"]
    second = page(alice.tenant_id, filters, maximum=3, cursor=first.next)
    assert (titles(second), second.next) == (["before 0"], None)
    anew = page(alice.tenant_id, Filters(resource="rooms", end=timezone.now()), maximum=9)
    assert titles(anew) == ["after", "late", "before 3", "before 2", "before 1", "before 0"]
