"""An event as a message of the Mail-Worker Protocol."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from msgspec.structs import replace

from calendars import recurrence
from calendars.details import Details, over
from events.models import Agenda, Event, EventException
from invites.models import EmailInvite, EventInvite
from mailer import protocol
from mailer.messages import Time
from rooms.sip import call_in_of

ADHOC_RETENTION_SECONDS = 86400


def read(events: Sequence[Event]) -> None:
    """Reads what the mails of these events tell, with as many statements as for one of them."""
    lookups: list[Any] = [
        Prefetch("invites", EventInvite.objects.select_related("invitee")),
        Prefetch("email_invites", EmailInvite.objects.select_related("invite_code")),
        "room__streaming_targets",
    ]
    if any(event.is_recurring for event in events):
        lookups += ["exceptions", "invites__replies", "email_invites__replies"]
    if any(_is_part(event) for event in events):
        lookups += [Prefetch("room__events", Event.objects.only("pk", "room", "uid", "starts_at"))]
    prefetch_related_objects(events, *lookups)


def snapshot(event: Event, *, is_ending: bool, for_creator: bool = False) -> protocol.Event:
    """Messages to people who are no longer invited, or about cancelled meetings, contain no links or passwords, not
    even in the queue.
    """
    told = _event(event, for_creator=for_creator)
    if not is_ending:
        return told
    gone: dict[str, Any] = {"call_in": None, "shared_folder": None, "streaming_targets": [], "properties": None}
    return replace(told, room=protocol.Room(told.room.id), **gone)


def _event(event: Event, *, for_creator: bool = False) -> protocol.Event:
    """The event as it is now, for one action's mails. Streaming keys stay here; write access is the creator's."""
    start_zone = event.starts_at_zone
    first_part, siblings = _parts(event)
    own = _properties(event)
    is_elsewhere = own is not None and bool(own.url)
    return protocol.Event(
        id=event.pk,
        name=event.title,
        description=event.description,
        created_at=Time(event.created_at, start_zone or "UTC"),
        updated_at=Time(event.updated_at, start_zone or "UTC"),
        start_time=Time(event.starts_at, start_zone) if event.starts_at else None,
        end_time=Time(event.ends_at, event.ends_at_zone) if event.ends_at else None,
        is_all_day=bool(event.is_all_day),
        rrule="\n".join(event.recurrence_pattern) or None,
        room=protocol.Room(event.room.pk, None if is_elsewhere else event.room.password or None),
        call_in=None if is_elsewhere else call_in(event),
        revision=event.sequence,
        uid=event.uid,
        organizer=protocol.Organizer(
            event.organizer_address, event.organizer_name, event.created_by.email if event.reply_token else ""
        ),
        shared_folder=_shared_folder(event, for_creator),
        adhoc_retention_seconds=ADHOC_RETENTION_SECONDS if event.is_adhoc else None,
        streaming_targets=[
            protocol.StreamingTarget(
                target.pk, target.name, target.kind, target.streaming_endpoint, "", target.public_url
            )
            for target in event.room.streaming_targets.all()
        ],
        exceptions=[exception_of(exception) for exception in event.exceptions.all()] if event.is_recurring else [],
        series=first_part,
        siblings=siblings,
        properties=own,
    )


def _properties(event: Event) -> protocol.CalendarProperties | None:
    stored = event.calendar_properties
    return msgspec.convert(stored, protocol.CalendarProperties) if stored is not None else None


def _parts(event: Event) -> tuple[str, list[str]]:
    """The uid of the first part of a series that was split, "" in itself; the uids of all other parts, in order."""
    if not _is_part(event):
        return "", []
    parts = sorted(event.room.events.all(), key=lambda part: (part.starts_at or Agenda.NO_TIME, part.pk))
    uids = {part.pk: part.uid for part in parts if part.pk != event.pk}
    first = uids.get(event.series, str(event.series)) if event.series != event.pk else ""
    return first, list(uids.values())


def _is_part(event: Event) -> bool:
    return event.continued_by_id is not None or event.series != event.pk


def call_in(event: Event) -> protocol.CallIn | None:
    config = call_in_of(event.room, event.created_by.tariff)
    return protocol.CallIn(settings.CALL_IN_TEL, config.sip_id, config.password) if config else None


def _shared_folder(event: Event, for_creator: bool) -> protocol.SharedFolder | None:
    folder = getattr(event, "shared_folder", None)
    if folder is None or not folder.is_ready:
        return None
    write = protocol.SharedFolderAccess(folder.write_url, folder.write_password)
    return protocol.SharedFolder(
        protocol.SharedFolderAccess(folder.read_url, folder.read_password),
        write if for_creator and folder.write_url else None,
    )


def exception_of(exception: EventException) -> protocol.DateException:
    event = exception.event
    is_cancelled = exception.kind == EventException.Kind.CANCELLED
    start, end = exception.starts_at, exception.ends_at
    return protocol.DateException(
        exception_date=Time(exception.original_starts_at, event.starts_at_zone),
        kind="canceled" if is_cancelled else "modified",  # the mail protocol has one l, the API two
        title=exception.title,
        description=exception.description,
        is_all_day=exception.is_all_day,
        starts_at=Time(start, exception.starts_at_zone or event.starts_at_zone) if start else None,
        ends_at=Time(end, exception.ends_at_zone or event.ends_at_zone) if end else None,
    )


def lost_exception(exception: EventException) -> protocol.DateException:
    """With all its times written out: the series that said the rest has changed."""
    event = exception.event
    series = event.as_series()
    told = exception_of(exception)
    if series is None:
        return told
    occurrence = recurrence.overridden(series, exception.as_override())
    return replace(
        told,
        is_all_day=over(Details(event.title, event.description, series.is_all_day), exception).is_all_day,
        starts_at=Time(occurrence.starts_at, exception.starts_at_zone or event.starts_at_zone),
        ends_at=Time(occurrence.ends_at, exception.ends_at_zone or event.ends_at_zone),
    )
