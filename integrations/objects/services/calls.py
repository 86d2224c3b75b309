"""Calls, as a gateway posts them whole: what changed is told to people who may see the call and follow their calls."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail

from activity.actors import Actor
from activity.log import Entry, record_all
from activity.object_kinds import ObjectPurged
from integrations.objects.access import circle, circles, place
from integrations.objects.models.objects import Object
from integrations.objects.models.telephony import Call
from integrations.objects.services.held import held
from integrations.objects.services.locking import locked_all
from integrations.objects.services.objects import remove_rows
from integrations.objects.services.sharing import snapshot
from integrations.objects.signals import passing
from rest.errors import ValidationFailed, field_error

STATUSES = ("new", "ringing", "answered", "ended")
TEXTS = ("direction", "phone_from", "phone_to", "current_control", "bridge")
TIMES = ("start_time", "answer_time", "end_time")  # seconds since the epoch
FLAGS = ("dtmf",)
MEMBERS = ("status", *TEXTS, *TIMES, *FLAGS)
EMPTIED = ("current_control", "bridge")  # told as "" where they are gone, the others as null
LONGEST = 255
LAST_TIME = 2**53
KEPT_FOR = timedelta(hours=1)  # after the end
FORGOTTEN_AFTER = timedelta(hours=24)  # without a report


@transaction.atomic
def report_call(*, call: Object, state: Mapping[str, Any]) -> dict[str, Any]:
    """`state` has all that the gateway knows now; returns what changed. Raises ValidationFailed."""
    now_is = checked_state(state)
    one = held(call.pk, Object.Type.CALL)
    row, _is_new = Call.objects.get_or_create(object=one)
    changed = difference(row.state, now_is)
    now = timezone.now()
    row.state, row.updated_at = now_is, now
    row.ended_at = (row.ended_at or now) if now_is.get("status") == "ended" else None
    row.save()
    if changed:
        _tell(one, "call_update", {"call": {str(one.pk): changed}})
    return changed


@transaction.atomic
def report_dtmf(*, call: Object, digit: str, duration: int) -> None:
    """A key that the other side pressed, for so many milliseconds. Raises ValidationFailed."""
    if len(digit) != 1 or digit not in "0123456789*#ABCD":
        raise field_error("digit", "invalid", "This is no DTMF digit")
    if not 0 <= duration <= 60_000:
        raise field_error("duration", "out_of_range", "A duration is between 0 and 60,000 milliseconds")
    one = held(call.pk, Object.Type.CALL)
    _tell(one, "call_dtmf", {"call": str(one.pk), "digit": digit, "duration": duration})


def checked_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None or "", which is as if it were not there."""
    given = {name: value for name, value in state.items() if value not in (None, "")}
    wrong = {
        name[:64]: [ErrorDetail(problem, "invalid")]
        for name, value in given.items()
        if (problem := _problem(name, value))
    }
    if "status" not in given:
        wrong["status"] = [ErrorDetail("This field is required", "required")]
    if wrong:
        raise ValidationFailed(wrong)
    return given


def _problem(name: str, value: Any) -> str:
    if name == "status":
        return "" if value in STATUSES else f"This is none of {', '.join(STATUSES)}"
    if name in TEXTS:
        is_text = isinstance(value, str) and len(value) <= LONGEST and "\x00" not in value
        return "" if is_text else f"This must be a string of at most {LONGEST} characters"
    if name in TIMES:
        is_time = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LAST_TIME
        return "" if is_time else "This must be a time in seconds since 1970"
    if name in FLAGS:
        return "" if isinstance(value, bool) else "This must be true or false"
    return "Calls have no such member"


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    changed = {name: value for name, value in new.items() if name not in old or old[name] != value}
    gone = {name: "" if name in EMPTIED else None for name in old if name not in new}
    return changed | gone


def _tell(one: Object, name: str, data: dict[str, Any]) -> None:
    people = circle(one).everybody
    passing.send(Call, name=name, object_id=None, data=data, user_ids=people, key="")


def prunable() -> QuerySet[Call]:
    """Ended for an hour, or forgotten by the gateway for a day."""
    now = timezone.now()
    return Call.objects.filter(updated_at__lte=now - KEPT_FOR).filter(
        Q(ended_at__lte=now - KEPT_FOR) | Q(updated_at__lte=now - FORGOTTEN_AFTER)
    )


@transaction.atomic
def prune(*, limit: int) -> int:
    """For good: whoever could read them is told that the objects are gone."""
    oldest = list(prunable().order_by("updated_at").values_list("pk", flat=True)[:limit])
    held_rows = {one.pk: one for one in locked_all(oldest)}
    # Not where the gateway has spoken of it meanwhile.
    gone = [held_rows[pk] for pk in prunable().filter(pk__in=held_rows).values_list("pk", flat=True)]
    people = circles(gone)
    entries = [
        Entry(kind=ObjectPurged(**snapshot(one)), subject=one, place=place(one), before=people[one.pk]) for one in gone
    ]
    record_all(entries, actor=Actor.by_job("prune-calls"))
    remove_rows(gone)
    return len(gone)
