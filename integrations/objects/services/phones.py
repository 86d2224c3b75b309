"""A person's phone settings and dialplan, and the calls back that a telephone exchange reports."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.device_kinds import CallReverseStarted, CallReverseStopped, DialplanUpdated, PhoneUpdated
from activity.log import record
from integrations.objects.models.telephony import Dialplan, Phone
from users.models import User

# When calls are forwarded.
ALWAYS, BUSY, NO_ANSWER, OFFLINE = "always", "busy", "no-answer", "offline"
CONDITIONS = (ALWAYS, BUSY, NO_ANSWER, OFFLINE)


@transaction.atomic
def update_phone(*, user: User, values: dict[str, Any], actor: Actor) -> Phone:
    """`values`: of numbers, call_in; what is not named stays."""
    row, _is_new = Phone.objects.select_for_update().get_or_create(user=user)
    if changed := _assign(row, values):
        _record(PhoneUpdated(members=changed), user, row, actor)
    return row


@transaction.atomic
def update_dialplan(*, user: User, values: dict[str, Any], actor: Actor) -> Dialplan:
    """`values`: of forward, call_reverse; what is not named stays."""
    row, _is_new = Dialplan.objects.select_for_update().get_or_create(user=user)
    if changed := _assign(row, values):
        _record(DialplanUpdated(members=changed), user, row, actor)
    return row


@transaction.atomic
def report_call_reverse(*, user: User, phone_from: str, phone_to: str, is_active: bool, actor: Actor) -> None:
    """An incoming call made the person's dialplan call back, or that is over."""
    numbers = {"phone_from": phone_from, "phone_to": phone_to}
    _record(CallReverseStarted(**numbers) if is_active else CallReverseStopped(**numbers), user, user, actor)


def _assign(row: Phone | Dialplan, values: dict[str, Any]) -> list[str]:
    """The names of what is another value now; saved."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def _record(kind: Any, user: User, subject: Any, actor: Actor) -> None:
    person = Circle(owner=user.pk)
    record(kind, actor=actor, subject=subject, place=Place(tenant_id=user.tenant_id), before=person, after=person)
