"""Change, cancel and restore one occurrence of a series."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.changes import between, in_json, plain
from activity.kinds import InstanceUpdated
from activity.log import record
from calendars import recurrence
from calendars.details import Details, over
from calendars.lines import with_lf
from calendars.patterns import Series
from calendars.recurrence import Override
from calendars.times import instance_id
from events import agenda, answers, mails
from events.access import circle, place
from events.models import Event, EventException
from events.schedule import InvalidEvent, moved_occurrence
from events.services.events import locked, save_change
from events.services.snapshots import people_and_text
from rest.errors import NotFound

COLUMNS = (
    "kind", "title", "description", "is_all_day", "starts_at", "starts_at_zone", "ends_at", "ends_at_zone",
)  # fmt: skip
# They come with the event in each list.
MOST_EXCEPTIONS = 1000


@dataclass(frozen=True)
class _Seen:
    """The occurrence as people see it."""

    title: str
    description: str
    is_all_day: bool
    starts_at: datetime
    ends_at: datetime
    status: str


@transaction.atomic
def update_instance(
    *,
    event: Event,
    original_starts_at: datetime,
    actor: Actor,
    columns: dict[str, Any],
    is_cancelled: bool | None = None,
    suppress_mail: bool = False,
) -> None:
    """Overrides columns of one occurrence; None returns a column to the series. What is already so mails nobody.

    `columns`: title, description, is_all_day, starts_at and ends_at with their zones. Moving only the start keeps the
    duration. `is_cancelled` cancels and restores, and leaves the rest. Raises NotFound, InvalidEvent.
    """
    event = locked(event)
    series = event.as_series()
    if series is None or not event.is_recurring or not recurrence.is_occurrence(series, original_starts_at):
        raise NotFound
    exception = _stored(event, original_starts_at, actor)
    before, stored = _seen(event, series, exception), _values(exception)
    for name, value in (columns | moved_occurrence(series, exception, columns)).items():
        setattr(exception, name, value)
    _drop_what_is_as_in_the_series(exception, series)
    if is_cancelled is not None:
        exception.kind = EventException.Kind.CANCELLED if is_cancelled else EventException.Kind.MODIFIED
    if _values(exception) == stored:
        return
    _save(exception, actor)
    _tell(event, exception, before, _seen(event, series, exception), actor, suppress_mail)


def _stored(event: Event, original_starts_at: datetime, actor: Actor) -> EventException:
    found = event.exceptions.filter(original_starts_at=original_starts_at).first()
    if found is None and event.exceptions.count() >= MOST_EXCEPTIONS:
        raise InvalidEvent(f"An event has at most {MOST_EXCEPTIONS} occurrences that are not as the series says")
    author = actor.user or event.created_by
    exception = found or EventException(
        original_starts_at=original_starts_at, kind=EventException.Kind.MODIFIED, created_by=author
    )
    exception.event = event  # locked, and with the tables that a mail needs
    return exception


def _drop_what_is_as_in_the_series(exception: EventException, series: Series) -> None:
    """An override of the same text or time would keep it when the series changes."""
    event = exception.event
    for name in ("title", "description"):
        value = with_lf(getattr(exception, name))
        setattr(exception, name, None if value == with_lf(getattr(event, name)) else value)
    if exception.is_all_day == event.is_all_day:
        exception.is_all_day = None
    plain = recurrence.overridden(series, Override(exception.original_starts_at))
    now = recurrence.overridden(series, exception.as_override())
    zones = (exception.starts_at_zone or event.starts_at_zone, exception.ends_at_zone or event.ends_at_zone)
    if (now.starts_at, now.ends_at, *zones) == (
        plain.starts_at, plain.ends_at, event.starts_at_zone, event.ends_at_zone,
    ) and exception.is_all_day is None:  # fmt: skip
        exception.starts_at = exception.ends_at = None
        exception.starts_at_zone = exception.ends_at_zone = ""


def _values(exception: EventException) -> list[Any]:
    return [getattr(exception, name) for name in COLUMNS]


def _save(exception: EventException, actor: Actor) -> None:
    """An occurrence that is again as the series says needs no row."""
    overridden = (exception.title, exception.description, exception.is_all_day, exception.starts_at, exception.ends_at)
    is_plain = exception.kind == EventException.Kind.MODIFIED and all(value is None for value in overridden)
    exception.updated_by, exception.updated_at = actor.user or exception.created_by, timezone.now()
    if not is_plain:
        exception.save()
    elif not exception._state.adding:
        EventException.objects.filter(pk=exception.pk).delete()


def _seen(event: Event, series: Series, exception: EventException) -> _Seen:
    now = recurrence.overridden(series, exception.as_override())
    details = over(Details(event.title, event.description, series.is_all_day), exception)
    return _Seen(
        **details._asdict(),
        starts_at=now.starts_at,
        ends_at=now.ends_at,
        status="cancelled" if now.is_cancelled else "ok",
    )


def _tell(
    event: Event, exception: EventException, before: _Seen, after: _Seen, actor: Actor, suppress_mail: bool
) -> None:
    old, new = asdict(before), asdict(after)
    changes = between(old, new)
    if not changes:
        return
    save_change(event, actor, fields=[])
    if changes.keys() & answers.MOVES:
        answers.forget(event, exception.original_starts_at)
        EventException.objects.filter(pk=exception.pk).update(time_sequence=event.sequence)
    if changes.keys() & (answers.MOVES | {"status"}):
        answers.overtake(event_id=event.pk, occurrence=exception.original_starts_at)
    agenda.sync(event)
    people = circle(event)
    cause = record(
        InstanceUpdated(
            **people_and_text(after.description, people),
            occurrence=instance_id(exception.original_starts_at),
            title=after.title,
            is_all_day=after.is_all_day,
            starts_at=plain(after.starts_at),
            ends_at=plain(after.ends_at),
            time_zone=exception.starts_at_zone or event.starts_at_zone,
            status=after.status,
            sequence=event.sequence,
        ),
        actor=actor,
        subject=event,
        before=people,
        after=people,
        changes=in_json(changes),
        place=place(event),
    )
    if not suppress_mail:
        mails.instance_updated(event, exception, changes=changes, actor=actor, cause=cause)
