"""Split a series: "this and following"."""

import uuid
from datetime import datetime
from typing import Any

from django.db import models, transaction

from activity.actors import Actor
from activity.changes import Changes, between, in_json
from activity.kinds import EventCreated, EventUpdated
from activity.log import record
from calendars import recurrence, split
from calendars.lines import with_lf
from events import agenda, mails
from events.access import circle, place
from events.models import Event, EventException, SharedFolder
from events.schedule import Continuation, Schedule, continuation
from events.services.events import locked, organizer_columns, save_change
from events.services.occurrences import stay
from events.services.snapshots import snapshot
from invites.models import Reply, token_nonce

EXTENT = ("recurrence_pattern", "last_starts_at", "series_ends_at")
CARRIED = (
    "series", "tenant_id", "room", "created_by", "title", "description", "organizer_name", "is_adhoc",
    "sends_mails", "calendar_properties",
    "show_meeting_details", "lobby_opens_before_minutes", "training_participation_report",
)  # fmt: skip


@transaction.atomic
def reschedule_event(
    *,
    event: Event,
    actor: Actor,
    starts_from: datetime,
    schedule: dict[str, Any],
    columns: dict[str, Any],
    restores_first: bool = False,
    suppress_mail: bool = False,
) -> Event:
    """Ends the series before its first occurrence at or after `starts_from` and goes on with a new event from there.

    The new event has the old one's room, people with roles and answers, and all else that hangs on it; `schedule`
    (members of Schedule) and `columns` (title, description, …) say what is different. Exceptions go with their
    occurrences; `restores_first` drops that of the first one, then as the new series says. Raises InvalidEvent.
    """
    event = locked(event)
    columns = {name: with_lf(value) for name, value in columns.items()}
    plan = continuation(event, starts_from, schedule)
    if restores_first:
        event.exceptions.filter(original_starts_at=plan.cut).delete()
    following_id, last_part = uuid.uuid4(), event.continued_by_id
    # Before the new row exists, because only one part of a series may be the last one in the room.
    changes = _shorten(event, plan, actor, continued_by=following_id)
    following = Event.objects.create(
        id=following_id,
        uid=str(following_id),
        updated_by=actor.user or event.created_by,
        continued_by_id=last_part,
        **organizer_columns(event.created_by.email if event.reply_token else event.organizer_address),
        **{name: getattr(event, name) for name in CARRIED} | columns | plan.following.columns(),
    )
    _carry_over(event, following, plan)
    agenda.sync(event)
    agenda.sync(following)
    differences = _differences(event, following, plan, changes if "pattern" in schedule else {})
    _tell(event, following, changes, differences, actor, suppress_mail)
    return following


def _shorten(event: Event, plan: Continuation, actor: Actor, *, continued_by: uuid.UUID) -> Changes:
    before = Schedule(
        is_all_day=plan.before.is_all_day,
        starts_at=plan.before.starts_at,
        starts_at_zone=event.starts_at_zone,
        ends_at=plan.before.ends_at,
        ends_at_zone=event.ends_at_zone,
        pattern=plan.before.pattern,
    ).columns()
    changes = {name: (getattr(event, name), before[name]) for name in EXTENT}
    for name in EXTENT:
        setattr(event, name, before[name])
    event.continued_by_id = continued_by
    save_change(event, actor, fields=["continued_by", *EXTENT])
    return changes


def _carry_over(event: Event, following: Event, plan: Continuation) -> None:
    for rows in (event.favorites.all(), event.reminders.all(), SharedFolder.objects.filter(event=event)):
        _copy(rows, following)
    names = _new_names(event, plan)
    _hand_over_exceptions(names, event, following)
    for kind, invites in (("event_invite", event.invites.all()), ("email_invite", event.email_invites.all())):
        _hand_over_replies(kind, _copy(invites, following), names, following.pk)


def _copy(rows: models.QuerySet[Any], following: Event) -> dict[Any, Any]:
    """Copies of the rows for the later part, by the id of the one that was copied."""
    copies = {}
    for row in rows:
        old_id = row.pk
        row.pk = uuid.uuid4() if isinstance(old_id, uuid.UUID) else None
        row._state.adding = True
        row.event = following
        if hasattr(row, "token_nonce"):
            row.token_nonce = token_nonce()
        copies[old_id] = row
    rows.model.objects.bulk_create(copies.values())
    return copies


def _new_names(event: Event, plan: Continuation) -> dict[datetime, datetime | None]:
    """The original start in the later part of each exception and answer from the cut on; None: no occurrence there."""
    of_event = models.Q(event_invite__event=event) | models.Q(email_invite__event=event)
    answered = Reply.objects.filter(of_event, occurrence__gte=plan.cut).values_list("occurrence", flat=True)
    changed = event.exceptions.filter(original_starts_at__gte=plan.cut).values_list("original_starts_at", flat=True)
    new = plan.following.series()
    names: dict[datetime, datetime | None] = {}
    for old_name in {*filter(None, answered), *changed}:
        name = split.moved_start(old_name, old=plan.first, new=new)
        names[old_name] = name if recurrence.is_occurrence(new, name) else None
    return names


def _hand_over_exceptions(names: dict[datetime, datetime | None], event: Event, following: Event) -> None:
    kept = {old_name: name for old_name, name in names.items() if name is not None}
    event.exceptions.filter(original_starts_at__in=names.keys() - kept.keys()).delete()
    exceptions = list(event.exceptions.filter(original_starts_at__in=kept))
    for exception in exceptions:
        stay(exception, following, kept[exception.original_starts_at])
        exception.time_sequence = 0
    columns = ["event", "time_sequence", "original_starts_at", "is_all_day", "starts_at", "starts_at_zone"]
    EventException.objects.bulk_update(exceptions, columns)


def _hand_over_replies(
    kind: str, copies: dict[Any, Any], names: dict[datetime, datetime | None], following_id: uuid.UUID
) -> None:
    """Answers to single occurrences follow these, those to the series are copied as the invitations are."""
    replies = Reply.objects.filter(**{f"{kind}__in": list(copies)})
    to_series, to_occurrences = list(replies.filter(occurrence=None)), list(replies.filter(occurrence__in=names))
    for reply in (*to_series, *to_occurrences):
        setattr(reply, kind, copies[getattr(reply, f"{kind}_id")])
        reply.event_id = following_id
    for reply in to_series:
        reply.pk, reply.untold_to = uuid.uuid4(), None
        _overtake(reply)  # what is proposed for the whole stays a proposal for the first part
    for reply in to_occurrences:
        name = names[reply.occurrence]  # type: ignore[index]
        if name != reply.occurrence:
            _overtake(reply)
        reply.occurrence = name or reply.occurrence
    Reply.objects.bulk_create(to_series)
    Reply.objects.bulk_update(to_occurrences, [kind, "event_id", "occurrence", "proposal_state"])


def _overtake(reply: Reply) -> None:
    if reply.proposal_state == Reply.ProposalState.OPEN:
        reply.proposal_state = Reply.ProposalState.OVERTAKEN


def _differences(event: Event, following: Event, plan: Continuation, changes: Changes) -> Changes:
    """Of the later part: old and new by column. A pattern that goes on is the same, though it is written otherwise."""
    old = {
        "title": event.title,
        "description": event.description,
        "starts_at": plan.first.starts_at,
        "starts_at_zone": event.starts_at_zone,
        "ends_at": plan.first.ends_at,
        "is_all_day": plan.first.is_all_day,
    }
    if "recurrence_pattern" in changes:
        old["recurrence_pattern"] = changes["recurrence_pattern"][0]
    return between(old, {name: getattr(following, name) for name in old})


def _tell(
    event: Event, following: Event, changes: Changes, differences: Changes, actor: Actor, suppress_mail: bool
) -> None:
    """Two things happened, and each calendar learns of both: the old entry ends earlier, and there is a new one."""
    people = circle(event)
    ended = record(
        EventUpdated(**snapshot(event, people)),
        actor=actor,
        subject=event,
        place=place(event),
        before=people,
        after=people,
        changes=in_json(changes),
    )
    kind = EventCreated(**snapshot(following, people))
    began = record(kind, actor=actor, subject=following, place=place(following), after=people)
    if not suppress_mail:
        mails.updated(event, changes=changes, following=following, actor=actor, cause=ended)
        mails.continued(following, changes=differences, actor=actor, cause=began)
