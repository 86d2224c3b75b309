"""The only writer of the log: one row per activity, in the transaction that caused it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from activity import search, waking
from activity.actors import Actor
from activity.audiences import NOBODY, NOWHERE, Circle, Place
from activity.kind import Kind
from activity.models import Activity, Audience, CurrentTransaction, id_in_log
from activity.signals import recorded
from rest.request_id import current


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What happened to one object; `changes` is `{field: (old, new)}` in JSON values."""

    kind: Kind
    subject: models.Model
    place: Place = NOWHERE
    before: Circle = NOBODY
    after: Circle = NOBODY
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    found_by: str = ""


def record(
    kind: Kind,
    *,
    actor: Actor,
    subject: models.Model,
    place: Place = NOWHERE,
    before: Circle = NOBODY,
    after: Circle = NOBODY,
    changes: dict[str, tuple[Any, Any]] | None = None,
    activity_id: uuid.UUID | None = None,
    source: str = "",
    source_id: str | None = None,
    found_by: str = "",
) -> uuid.UUID:
    """Writes one activity and returns its id, the cause of the mails that follow from it.

    The kind's rule says who of the two circles learns of it. A `source_id` that the log has already from this `source`
    is an IntegrityError, which undoes all that the second transaction did. `found_by` are names that a search finds it
    by, beside those of the actor and in the data.
    """
    _need_transaction()
    about: dict[str, Any] = {"subject": subject, "place": place, "before": before, "after": after}
    entry = Entry(kind=kind, **about, changes=changes or {}, found_by=found_by)
    activity = _activity(entry, actor)
    activity.id = activity_id or activity.id
    activity.source, activity.source_id = source, source_id
    activity.save(force_insert=True)
    audience = Audience.objects.bulk_create(_audience(activity, entry))
    waking.announce(row.user_id for row in audience)
    recorded.send(Activity, activities=[activity])
    return activity.id


def record_all(entries: Sequence[Entry], *, actor: Actor) -> list[uuid.UUID]:
    """`record` for many, in as many statements as for one."""
    _need_transaction()
    activities = Activity.objects.bulk_create(_activity(entry, actor) for entry in entries)
    audience = Audience.objects.bulk_create(
        row for activity, entry in zip(activities, entries, strict=True) for row in _audience(activity, entry)
    )
    waking.announce(row.user_id for row in audience)
    recorded.send(Activity, activities=activities)
    return [activity.id for activity in activities]


def _need_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Activities are recorded inside the transaction they report")


def _activity(entry: Entry, actor: Actor) -> Activity:
    subject, place, data = entry.subject, entry.place, entry.kind.data()
    title = (place.title or data.get("title", ""))[:255]
    name = (actor.name or (str(actor.user) if actor.user else ""))[:255]
    address = getattr(actor.user, "email", "")
    return Activity(
        occurred_at=timezone.now(),
        kind=entry.kind.name,
        tenant_id=place.tenant_id,
        actor_kind=actor.kind,
        actor_id=actor.user.pk if actor.user else actor.id,
        actor_name=name,
        via=actor.via,
        subject_type=subject._meta.model_name or "",
        subject_id=id_in_log(subject),
        room_id=place.room_id,
        event_id=place.event_id,
        owner_id=entry.after.owner or entry.before.owner,
        title=title,
        data=data,
        data_version=entry.kind.version,
        changes={name: list(pair) for name, pair in entry.changes.items()},
        request_id=current(),
        search_text=search.words_of(name, address, title, *search.names_in(data), entry.found_by),
    )


def _audience(activity: Activity, entry: Entry) -> list[Audience]:
    had, have = entry.before.everybody, entry.after.everybody
    return [
        Audience(
            activity_id=activity.position,
            user_id=user_id,
            read_before=user_id in had,
            reads_after=user_id in have,
        )
        for user_id in type(entry.kind).audience(entry.before, entry.after)
    ]


def last_position() -> int:
    """For `recorded_since`; 0 where the log is empty."""
    return Activity.objects.aggregate(last=models.Max("position"))["last"] or 0


def recorded_since(position: int) -> models.QuerySet[Activity, uuid.UUID]:
    """The ids of what the running transaction has recorded after that position."""
    here = Activity.objects.filter(position__gt=position, transaction_id=CurrentTransaction())
    return here.values_list("id", flat=True)
