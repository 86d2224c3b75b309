"""Plan, change and cancel a meeting."""

import uuid
from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.changes import Changes, assign, changes_of, in_json
from activity.kinds import EventCreated, EventDeleted, EventUpdated
from activity.log import record
from calendars.lines import with_lf
from events import agenda, answers, mails, messages
from events.access import circle, circles, is_held, place
from events.models import Event, EventException, SharedFolder
from events.schedule import NO_SCHEDULE, Schedule, is_same_grid, merged
from events.services import folders, occurrences
from events.services.snapshots import snapshot
from events.signals import ending
from invites.models import Status
from mailer.answer_address import address_of, new_token
from rest.errors import NotFound
from rooms.services import create_room, delete_room, update_room
from rooms.streaming import replace_streaming_targets
from users.models import User

ROOM_FIELDS = ("password", "waiting_room", "e2e_encryption")
IN_ROOM = ("has_password", "waiting_room", "e2e_encryption", "streaming_targets")  # what parts of a series share
PLANNED = answers.MOVES | {"recurrence_pattern", "is_time_independent"}  # another one overtakes proposals for the whole
UNSEEN = frozenset({"lobby_opens_before_minutes", "training_participation_report"})  # in no mail and no calendar


@transaction.atomic
def create_event(
    *,
    creator: User,
    actor: Actor,
    title: str,
    description: str = "",
    schedule: Schedule | None = None,
    is_adhoc: bool = False,
    show_meeting_details: bool = False,
    lobby_opens_before_minutes: int | None = None,
    training_participation_report: dict[str, Any] | None = None,
    password: str = "",
    waiting_room: bool = False,
    e2e_encryption: bool = False,
    streaming_targets: Sequence[dict[str, Any]] = (),
    folder: SharedFolder | None = None,
    organizer_name: str = "",
    organizer_address: str = "",
    sends_mails: bool = True,
    calendar_properties: dict[str, Any] | None = None,
    suppress_mail: bool = False,
) -> Event:
    """Plans a meeting in a room of its own. No schedule: it has no time. The event gets its folder's id.

    The organizer is the creator where no other is named. Raises InvalidEvent.
    """
    columns = schedule.columns() if schedule else NO_SCHEDULE
    door: dict[str, Any] = {"password": password, "waiting_room": waiting_room, "e2e_encryption": e2e_encryption}
    room = create_room(creator=creator, actor=actor, enable_sip=True, title=title, **door)
    event_id = folder.event_id if folder else uuid.uuid4()
    event = Event.objects.create(
        id=event_id,
        uid=str(event_id),  # what calendars already hold of meetings that were planned with the controller
        series=event_id,
        tenant_id=creator.tenant_id,
        room=room,
        created_by=creator,
        updated_by=creator,
        title=with_lf(title),
        description=with_lf(description),
        is_adhoc=is_adhoc,
        show_meeting_details=show_meeting_details,
        lobby_opens_before_minutes=lobby_opens_before_minutes,
        training_participation_report=training_participation_report,
        organizer_name=organizer_name or creator.get_full_name() or creator.display_name,
        sends_mails=sends_mails,
        calendar_properties=calendar_properties,
        **columns,
        **organizer_columns(organizer_address or creator.email),
    )
    if streaming_targets:
        replace_streaming_targets(room, streaming_targets)
    if folder is not None:
        folders.attach(event, folder)
    agenda.start(event)
    people = Circle(owner=creator.pk)
    kind = EventCreated(**snapshot(event, people))
    cause = record(kind, actor=actor, subject=event, place=place(event), after=people)
    if not suppress_mail:
        mails.created(event, cause=cause)
    return event


def organizer_columns(address: str) -> dict[str, str]:
    """Of a new event, for its life: an address that takes the answers where INBOUND_DOMAIN is set, else the given."""
    if not settings.INBOUND_DOMAIN:
        return {"organizer_address": address, "reply_token": ""}
    token = new_token()
    return {"organizer_address": address_of(token), "reply_token": token}


@transaction.atomic
def update_event(
    *,
    event: Event,
    actor: Actor,
    columns: dict[str, Any],
    schedule: dict[str, Any] | None = None,
    streaming_targets: Sequence[dict[str, Any]] | None = None,
    folder: SharedFolder | None = None,
    drops_folder: bool = False,
    suppress_mail: bool = False,
) -> Event:
    """Changes columns of the event and of its room (ROOM_FIELDS); what is already so changes nothing and mails nobody.

    `schedule`: what is given of the time, as schedule.merged takes it. Raises NotFound, InvalidEvent, ValidationFailed.
    Where pattern, local start, zone or all-day changes, people are asked anew. Exceptions and answers of occurrences
    that are still there are kept.
    What changes in the room is news for the other parts of a split series too.
    """
    event, *others = locked_parts(event)
    columns = columns | merged(event, schedule) if schedule else columns
    room_values = {name: columns[name] for name in ROOM_FIELDS if name in columns}
    changes = update_room(room=event.room, actor=actor, **room_values)
    was = copy(event)
    own = changes_of(event, {name: value for name, value in columns.items() if name not in ROOM_FIELDS})
    assign(event, own)
    changes |= own
    if streaming_targets is not None and (names := replace_streaming_targets(event.room, streaming_targets)):
        changes["streaming_targets"] = names
    if folder is not None and folders.attach(event, folder):
        changes["has_shared_folder"] = (False, True)
    if drops_folder and folders.detach(event):
        changes["has_shared_folder"] = (True, False)
    if not changes:
        return event
    if changes.keys() & PLANNED:
        answers.overtake(event_id=event.pk, occurrence=None)
    unseen, lost = UNSEEN, []
    if is_same_grid(was.as_series(), event.as_series()):
        unseen |= {"recurrence_pattern"}  # spelled in another way
    else:
        lost = occurrences.follow(was, event)
        _ask_anew(event)
    announce_change([event], actor, changes, lost=lost, suppress_mail=suppress_mail or changes.keys() <= unseen)
    if in_room := {name: changes[name] for name in IN_ROOM if name in changes}:
        held = [part for part in others if is_held(part, timezone.now())]
        for part in held:
            part.room = event.room
        announce_change(held, actor, in_room, suppress_mail=suppress_mail)
    agenda.sync(event)
    return event


def _ask_anew(event: Event) -> None:
    """Answers with an earlier SEQUENCE than that of the change are to another time."""
    event.time_sequence = event.sequence + 1
    for invites in (event.invites, event.email_invites):
        invites.exclude(status=Status.PENDING).update(status=Status.PENDING)


@transaction.atomic
def delete_event(*, event: Event, actor: Actor, suppress_mail: bool = False) -> None:
    """Cancels the meeting and forgets it: its room goes too, unless another part of a split series is in it."""
    event, *others = locked_parts(event)
    event.sequence += 1  # the row goes with it; the cancellation must be newer than all that calendars hold
    event.updated_at = timezone.now()
    people = circle(event)
    kind = EventDeleted(**snapshot(event, people))
    cause = record(kind, actor=actor, subject=event, place=place(event), before=people)
    if not suppress_mail:
        mails.cancelled(event, actor=actor, cause=cause, now=timezone.now())
    ending.send(Event, event=event)
    folders.detach(event)
    if others:
        _take_out_of_series(event)
        event.delete()
    else:
        delete_room(room=event.room, actor=actor)


def _take_out_of_series(event: Event) -> None:
    """Joins the parts of a split series around one that goes."""
    previous = Event.objects.filter(continued_by=event.pk).first()
    if previous is None:
        return
    following_id = event.continued_by_id
    # A part is continued once, and one part is the last, at each moment: the first part is free to be pointed at.
    first = Event.objects.filter(series=event.series, continues=None).values("pk").get()
    Event.objects.filter(pk=event.pk).update(continued_by=first["pk"])
    Event.objects.filter(pk=previous.pk).update(continued_by=following_id)


def locked(event: Event) -> Event:
    """The row as it is now, held until the transaction ends: two changes at once follow each other.

    Raises NotFound where the change before was its deletion.
    """
    row = _held(pk=event.pk).first()
    if row is None:
        raise NotFound
    return row


def locked_parts(event: Event) -> list[Event]:
    """`locked`, and behind it the other parts of its series."""
    rows = sorted(_held(room=event.room_id), key=lambda row: row.pk != event.pk)
    if not rows or rows[0].pk != event.pk:
        raise NotFound
    return rows


def _held(**which: Any) -> QuerySet[Event]:
    # Always in this order, so that two who want several do not wait for each other in a ring.
    held = list(Event.objects.select_for_update().filter(**which).order_by("pk").values_list("pk", flat=True))
    # By itself, because PostgreSQL reads what is joined to a locked row as it was before it waited.
    return Event.objects.filter(pk__in=held).select_related("room__sip_config", "created_by__tariff", "shared_folder")


def announce_change(
    events: Sequence[Event],
    actor: Actor,
    changes: Changes,
    *,
    suppress_mail: bool,
    lost: Sequence[EventException] = (),
) -> None:
    """Saves what was changed, of one event or in the room of several, and tells the log and everybody in them."""
    people = circles(events)
    if not suppress_mail:
        messages.read(events)
    for event in events:
        save_change(event, actor, fields=changes)
        cause = record(
            EventUpdated(**snapshot(event, people[event.pk])),
            actor=actor,
            subject=event,
            place=place(event),
            before=people[event.pk],
            after=people[event.pk],
            changes=in_json(changes),
        )
        if not suppress_mail:
            mails.updated(event, changes=changes, lost=lost, actor=actor, cause=cause)


def save_change(event: Event, actor: Actor, *, fields: Iterable[str]) -> None:
    """Saves the event's changed columns with who, when and a raised SEQUENCE."""
    event.sequence += 1
    event.updated_at = timezone.now()
    event.updated_by = actor.user or event.updated_by
    own = {field.name for field in Event._meta.concrete_fields}
    event.save(update_fields=[*(own & set(fields)), "sequence", "time_sequence", "updated_at", "updated_by"])
