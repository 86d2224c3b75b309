"""Reminders where several schedulers, or very many meetings, meet (PostgreSQL)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from calendars.reminders import Rule
from events.models import Event, NextReminder, Reminder
from events.services.due_reminders import BATCH_SIZE, overdue, send_due_reminders
from events.services.reminders import set_reminders_for_everybody
from invites.models import EventInvite
from mailer.models import OutgoingMail
from rooms.models import Room
from tests import factories
from tests.circle import Circle
from tests.parallel import at_once
from tests.plans import Plans

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = START - timedelta(minutes=10)


def fill(circle: Circle, count: int) -> None:
    """So many single meetings of alice's with bob, all due now."""
    alice, columns = circle.alice, factories.schedule().columns()
    own = {"tenant": alice.tenant, "created_by": alice}
    rooms = Room.objects.bulk_create((Room(**own) for _number in range(count)), batch_size=1000)
    events = Event.objects.bulk_create(
        (
            Event(
                room=room,
                uid=str(room.pk),
                series=room.pk,
                updated_by=alice,
                organizer_address=alice.email,
                **own,
                **columns,
            )
            for room in rooms
        ),
        batch_size=1000,
    )
    invites = (EventInvite(event=event, invitee=circle.bob, created_by=alice) for event in events)
    EventInvite.objects.bulk_create(invites, batch_size=1000)
    rules = [{"minutes_before": 10}]
    Reminder.objects.bulk_create((Reminder(event=event, rules=rules) for event in events), batch_size=1000)
    before = NOW - timedelta(days=1)
    NextReminder.objects.bulk_create(
        (NextReminder(event=event, look_at=NOW, looked_at=before) for event in events), batch_size=1000
    )


def reminders() -> list[tuple[Any, str]]:
    return list(OutgoingMail.objects.filter(kind="registered_event_reminder").values_list("event_id", "address"))


@time_machine.travel(NOW, tick=False)
def test_two_schedulers_remind_each_person_once() -> None:
    circle = Circle()
    fill(circle, 3 * BATCH_SIZE)
    sent = at_once([send_due_reminders] * 2)
    found = reminders()
    assert len(found) == len(set(found)) == sum(sent) == 6 * BATCH_SIZE
    assert not overdue(timezone.now()).exists()


def test_change_of_a_meeting_and_its_reminder_do_not_wait_for_each_other_in_a_ring() -> None:
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=DAILY",)))
        actor = Actor.by_api(circle.alice)
        set_reminders_for_everybody(event=circle.event, actor=actor, rules=[Rule(minutes=10)])
    with time_machine.travel(NOW, tick=False):
        api = circle.api("creator")
        changes = [
            lambda number=number: api.patch(circle.path, {"title": f"x{number}"}).status_code for number in range(4)
        ]
        answers = at_once([*changes, send_due_reminders, send_due_reminders])
        # Where changes held the meeting all the while, the next run finds it.
        assert sum(answers[4:]) + send_due_reminders() == 2
    assert answers[:4] == [200] * 4
    assert NextReminder.objects.get().look_at == NOW + timedelta(days=1)


@time_machine.travel(NOW, tick=False)
def test_rows_are_found_by_their_index_however_many_wait() -> None:
    circle = Circle()
    fill(circle, 2000)
    later = NOW + timedelta(days=1)
    NextReminder.objects.update(look_at=later)
    NextReminder.objects.filter(event__in=list(Event.objects.values_list("pk", flat=True)[:3])).update(look_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    nodes = list(Plans(lambda: list(overdue(NOW).order_by("look_at", "event")[:BATCH_SIZE])).nodes())
    assert "next_reminder_look_at" in {node.get("Index Name") for node in nodes}
    assert max(node["Actual Rows"] for node in nodes) <= 3


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
def test_ten_thousand_due_at_once_cost_the_same_for_each_hundred() -> None:
    circle = Circle()
    fill(circle, BATCH_SIZE)
    with CaptureQueriesContext(connection) as one:
        send_due_reminders()
    fill(circle, 10_000)
    with CaptureQueriesContext(connection) as all_of_them:
        assert send_due_reminders() == 20_000
    assert len(all_of_them) <= 100 * len(one)
    assert len(set(reminders())) == 20_000 + 2 * BATCH_SIZE
