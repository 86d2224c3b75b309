"""Activities as pages show them: a sentence, what came along, and each field's old and new value."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.history.fields import LABELS, label_of, model_of
from activity.history.objects import Objects, link_to, name_of
from activity.history.values import Clock, clocks_of, day_of, in_words, is_untold
from activity.history.wording import sentence_of
from activity.models import Activity
from staff.names import name_of as name_of_kind

# Members of the data that are no part of the sentence.
BESIDE = ("comment", "error")
SERVICES: dict[str, str | Promise] = {
    "identity provider": _("The identity provider"),
    "new password": _("A new password"),
}


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str
    is_untold: bool  # only that it changed may be said


@dataclass(frozen=True)
class Entry:
    activity: Activity
    sentence: SafeString
    details: list[tuple[str, str]]
    changes: list[Change]

    @property
    def page(self) -> str:
        return reverse("admin:activity_activity_change", args=[self.activity.pk])


def entries(activities: Iterable[Activity], request: HttpRequest) -> list[Entry]:
    """For whoever asks: nothing is linked or named anew that this person may not see."""
    return named_entries(activities, request, None)[0]


def named_entries(
    activities: Iterable[Activity], request: HttpRequest, key: uuid.UUID | None
) -> tuple[list[Entry], str]:
    """With the name of what has this id, if one of them is about it."""
    rows = list(activities)
    objects = Objects(rows, request)
    return [_entry(activity, objects) for activity in rows], objects.called(key)


def _entry(activity: Activity, objects: Objects) -> Entry:
    before, after = clocks_of(activity, objects.clock(activity))
    beside = [name for name in BESIDE if activity.data.get(name) and f"%({name})s" not in sentence_of(activity)]
    return Entry(
        activity=activity,
        sentence=_sentence(activity, objects, after),
        details=[(capfirst(str(LABELS[name])), str(activity.data[name])) for name in beside],
        changes=[_change(activity, name, objects, before, after) for name in _in_order(activity)],
    )


def _sentence(activity: Activity, objects: Objects, clock: Clock) -> SafeString:
    model = model_of(activity.subject_type)
    members = {name: in_words(value, model=model, name=name, clock=clock) for name, value in activity.data.items()}
    parts: dict[str, Any] = {name: escape(told) for name, told in members.items()} | {
        "who": _who(activity, objects),
        "meeting": _meeting(activity, objects, clock),
        "room": _quoted(objects.room(activity), activity.title, activity.room_id),
        "object": _object(activity, objects),
        "type": escape(type_of(activity.subject_type)),
    }
    return SafeString(escape(sentence_of(activity)) % parts)


def type_of(subject_type: str) -> str:
    model = model_of(subject_type)
    return str(model._meta.verbose_name) if model else subject_type


def _who(activity: Activity, objects: Objects) -> SafeString:
    name, row = activity.actor_name, objects.actor(activity)
    match activity.actor_kind:
        case Activity.ActorKind.JOB:
            name = gettext("The job %(name)s") % {"name": name_of_kind("jobrun.job", name)}
        case Activity.ActorKind.SERVICE:
            name = str(SERVICES.get(name, name))
        case Activity.ActorKind.GUEST | Activity.ActorKind.PARTICIPANT:
            name = name or gettext("Somebody without an account")
        case _:
            name = name or (name_of(row) if row else gettext("Somebody"))
    return link_to(row, name)


def _meeting(activity: Activity, objects: Objects, clock: Clock) -> SafeString:
    told = _quoted(objects.meeting(activity), activity.title, activity.event_id)
    if occurrence := activity.data.get("occurrence"):
        return SafeString(f"{told} ({escape(day_of(occurrence, clock))})")
    return told


def _object(activity: Activity, objects: Objects) -> SafeString:
    data, row = activity.data, objects.subject(activity)
    label = data.get("label")
    if label:
        return _quoted(row, name_of_kind(f"{activity.subject_type}.name", label), activity.subject_id)
    name = data.get("display_name") or data.get("email") or (name_of(row) if row else _short(activity.subject_id))
    return link_to(row, name)


def _quoted(row: Model | None, name: str | None, key: Any) -> SafeString:
    """As it was called then, else as it is called now, else its id."""
    name = name or (name_of(row) if row else "") or _short(key)
    return link_to(row, gettext("“%(name)s”") % {"name": name})


def _short(key: Any) -> str:
    return str(key)[:8]


def _in_order(activity: Activity) -> list[str]:
    """As the model has its columns: PostgreSQL keeps no order of members."""
    model = model_of(activity.subject_type)
    columns = [field.name for field in (*model._meta.fields, *model._meta.many_to_many)] if model else []
    return sorted(activity.changes, key=lambda name: columns.index(name) if name in columns else len(columns))


def _change(activity: Activity, name: str, objects: Objects, before: Clock, after: Clock) -> Change:
    model = model_of(activity.subject_type)
    label = capfirst(str(label_of(model, name) or name))
    old, new = activity.changes[name]
    if is_untold(activity.subject_type, name) or old == new:
        return Change(label, "", "", is_untold=True)

    def told(value: Any, clock: Clock) -> str:
        return objects.related(activity, name, value) or in_words(value, model=model, name=name, clock=clock)

    return Change(label, told(old, before), told(new, after), is_untold=False)
