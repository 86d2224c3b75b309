"""What becomes of another time that somebody proposed: the meeting is moved to it, or the person is told no."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle
from activity.changes import plain
from activity.kinds import ProposalAccepted, ProposalRefused
from activity.log import record
from calendars import recurrence, split
from calendars.rules import PatternError
from calendars.times import instance_id
from events import answers
from events.access import place, proposals
from events.models import Event
from events.refusals import refused
from events.schedule import BEYOND, InvalidEvent
from events.services.events import locked, locked_parts, update_event
from events.services.instances import update_instance
from events.services.inviting import circle_of, invitee_id_of
from invites.models import Reply
from rest.errors import Conflict, NotFound

State = Reply.ProposalState


class ProposalDecided(Conflict):
    code = "proposal_decided"
    default_detail = "This proposal is not open any more: it was decided, or overtaken by an answer or a new time"


@transaction.atomic
def accept_proposal(*, event: Event, proposal_id: uuid.UUID, actor: Actor, suppress_mail: bool = False) -> None:
    """Moves the occurrence, or the whole event, to the proposed time; everybody gets the update.

    A series keeps its pattern: all occurrences move by as much as the nearest one. Raises NotFound, ProposalDecided,
    InvalidEvent.
    """
    event = locked_parts(event)[0]
    reply = _decided(event, proposal_id, State.ACCEPTED)
    people = _people(event, reply)
    kind = ProposalAccepted(**_snapshot(reply))
    record(kind, actor=actor, subject=reply, place=place(event), before=people, after=people)
    how: dict[str, Any] = {"event": event, "actor": actor, "suppress_mail": suppress_mail}
    if reply.occurrence is None:
        update_event(columns={}, schedule=_schedule(event, reply), **how)
    else:
        update_instance(original_starts_at=reply.occurrence, columns=_times(event, reply), **how)


@transaction.atomic
def refuse_proposal(
    *, event: Event, proposal_id: uuid.UUID, actor: Actor, comment: str = "", suppress_mail: bool = False
) -> None:
    """Everything stays as it is, and whoever proposed the time is told so. Raises NotFound, ProposalDecided."""
    event = locked(event)
    reply = _decided(event, proposal_id, State.REFUSED)
    people = _people(event, reply)
    kind = ProposalRefused(**_snapshot(reply), comment=comment)
    cause = record(kind, actor=actor, subject=reply, place=place(event), before=people, after=people)
    if not suppress_mail:
        refused(event, reply, comment=comment, cause=cause)


def _decided(event: Event, proposal_id: uuid.UUID, state: str) -> Reply:
    reply = proposals(event).filter(pk=proposal_id).first()
    if reply is None:
        raise NotFound
    if not Reply.objects.filter(pk=proposal_id, proposal_state=State.OPEN).update(proposal_state=state):
        raise ProposalDecided
    return reply


def _people(event: Event, reply: Reply) -> Circle:
    invite = reply.event_invite or reply.email_invite
    return circle_of(event, invite) if invite else Circle(owner=event.created_by_id)


def _snapshot(reply: Reply) -> dict[str, Any]:
    """The members that both activities share."""
    return {
        "address": reply.address,
        "invitee_id": invitee_id_of(reply.event_invite) if reply.event_invite else None,
        "occurrence": instance_id(reply.occurrence) if reply.occurrence else None,
        **{name: plain(value) for name, value in zip(("starts_at", "ends_at"), _proposed(reply), strict=True)},
    }


def _proposed(reply: Reply) -> tuple[datetime, datetime]:
    return reply.proposed_starts_at, reply.proposed_ends_at  # type: ignore[return-value] # both, as its state says


def _schedule(event: Event, reply: Reply) -> dict[str, Any]:
    """As schedule.merged takes it: in the zone that the event was planned in, without time in that of the proposal."""
    starts_at, ends_at = _proposed(reply)
    series = event.as_series()
    if series is None:
        zone = reply.proposed_zone
        return {
            "is_time_independent": False,
            "is_all_day": False,
            "starts_at": starts_at,
            "starts_at_zone": zone,
            "ends_at": ends_at,
            "ends_at_zone": zone,
        }
    is_all_day = answers.proposes_days(event, reply)
    if not series.pattern:
        return {"is_all_day": is_all_day, "starts_at": starts_at, "ends_at": ends_at}
    try:
        moved = split.moved_to(series, starts_at=starts_at, ends_at=ends_at, is_all_day=is_all_day)
        has_start = recurrence.is_occurrence(moved, moved.starts_at)
    except PatternError as error:
        raise InvalidEvent(str(error)) from None
    except OverflowError:
        raise InvalidEvent(BEYOND) from None
    if not has_start and recurrence.is_occurrence(series, series.starts_at):
        raise InvalidEvent("The recurrence has no date at the proposed time: change the series itself")
    times = {"is_all_day": is_all_day, "starts_at": moved.starts_at, "ends_at": moved.ends_at}
    return times | {"pattern": moved.pattern}


def _times(event: Event, reply: Reply) -> dict[str, Any]:
    """Columns of an exception."""
    starts_at, ends_at = _proposed(reply)
    zones = {"starts_at_zone": event.starts_at_zone, "ends_at_zone": event.starts_at_zone}
    columns = zones | {"starts_at": starts_at, "ends_at": ends_at}
    return columns | {"is_all_day": False} if event.is_all_day and not answers.proposes_days(event, reply) else columns
