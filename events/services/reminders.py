"""What people want to be reminded of, and when."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import NOBODY, Circle, Place
from activity.kinds import RemindersUpdated
from activity.log import record
from calendars.reminders import Rule, written
from events import reminders
from events.access import circle, place
from events.models import Agenda, Event, Reminder
from events.reminders import plan_all, rules_of
from events.services.events import locked
from rest.errors import Forbidden
from users.models import User

MOST_RULES = 5
CHUNK = 200


@transaction.atomic
def set_usual_reminders(*, user: User, actor: Actor, rules: Iterable[Rule] | None = None, is_off: bool) -> None:
    """What the person wants of all meetings; None leaves the rules. `is_off`: no reminder of any meeting.

    The meetings learn of it by the job.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = Reminder.objects.filter(event=None, user=user).first() or Reminder(user=user)
    changes = _set(row, rules=row.rules if rules is None else _listed(rules), is_off=is_off, is_planned=False)
    if changes:
        own = Circle(owner=user.pk)
        where = Place(tenant_id=user.tenant_id)
        record(RemindersUpdated(), actor=actor, subject=user, place=where, before=own, after=own, changes=changes)


@transaction.atomic
def set_reminders(*, event: Event, user: User, actor: Actor, rules: Iterable[Rule] | None) -> None:
    """What the person wants of this meeting, none where there is no rule; None: again what is usual.

    Raises Forbidden where the person was un-invited meanwhile.
    """
    event = locked(event)
    if not event.agenda.filter(user=user).exists():
        raise Forbidden
    _set_of_event(event, user, rules, actor, Circle(owner=user.pk))


@transaction.atomic
def set_reminders_for_everybody(*, event: Event, actor: Actor, rules: Iterable[Rule]) -> None:
    """What everybody in it gets who has not said otherwise."""
    event = locked(event)
    _set_of_event(event, None, list(rules) or None, actor, circle(event))


def _set_of_event(event: Event, user: User | None, rules: Iterable[Rule] | None, actor: Actor, people: Circle) -> None:
    row = event.reminders.filter(user=user).first() or Reminder(event=event, user=user)
    if rules is not None:
        changes = _set(row, rules=_listed(rules))
    elif row._state.adding:
        changes = {}
    else:
        changes = {"rules": (row.rules, None)}
        row.delete()
    if changes:
        reminders.plan(event)
        record(
            RemindersUpdated(),
            actor=actor,
            subject=event,
            place=place(event),
            before=people,
            after=people,
            changes=changes,
        )


@transaction.atomic
def switch_off(*, person: User | str) -> None:
    """By the link in a reminder; an address stands for somebody without an account."""
    if isinstance(person, User):
        set_usual_reminders(user=person, actor=Actor.by_api(person), is_off=True)
        return
    _row, is_new = Reminder.objects.get_or_create(address=person, defaults={"is_off": True})
    if is_new:
        record(RemindersUpdated(), actor=Actor.by_guest(name=person), subject=_row, after=NOBODY)


def _listed(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [written(rule) for rule in sorted(set(rules))]


def _set(row: Reminder, **values: Any) -> dict[str, tuple[Any, Any]]:
    """Saves what differs; returns the changes that people see."""
    is_new = row._state.adding
    old = {name: None if is_new and name == "rules" else getattr(row, name) for name in values}
    changes = {name: (old[name], value) for name, value in values.items() if old[name] != value}
    changes.pop("is_planned", None)
    if changes:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    return changes


# --- by the job ---


def plan_unplanned() -> None:
    """Tells the meetings of people whose usual reminders have changed."""
    for row in Reminder.objects.filter(is_planned=False):
        ahead = Agenda.objects.filter(user=row.user_id, last_end_at__gte=timezone.now(), is_adhoc=False)
        event_ids = list(ahead.values_list("event", flat=True))
        for start in range(0, len(event_ids), CHUNK):
            _plan(event_ids[start : start + CHUNK], rules_of([row.rules]))
        # Unless they have changed once more.
        Reminder.objects.filter(pk=row.pk, rules=row.rules).update(is_planned=True)


@transaction.atomic
def _plan(event_ids: Sequence[Any], rules: frozenset[Rule]) -> None:
    plan_all(list(Event.objects.select_for_update().filter(pk__in=event_ids).order_by("pk")), rules)
