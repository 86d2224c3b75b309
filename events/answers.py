"""What answers become: those to single occurrences in the form that calendars use (RFC 5545 3.2.12), and proposals."""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time
from operator import attrgetter
from typing import Any

from django.db.models import Count, Q, QuerySet

from calendars.times import instance_id, to_wall
from events.models import Event, EventException
from invites.models import EmailInvite, EventInvite, Reply, Status
from mailer.messages import PartStat, Time
from mailer.protocol import Schedule

AnyInvite = EventInvite | EmailInvite

PARTSTAT: dict[str, PartStat] = {
    Status.PENDING: "NEEDS-ACTION",
    Status.ACCEPTED: "ACCEPTED",
    Status.TENTATIVE: "TENTATIVE",
    Status.DECLINED: "DECLINED",
}
STATUS = {partstat: status for status, partstat in PARTSTAT.items()}
OPEN = Reply.ProposalState.OPEN
MOVES = frozenset({"starts_at", "ends_at", "is_all_day"})  # changes of an occurrence that ask its people anew
ByOccurrence = dict[str, PartStat]  # by instance id


def to_occurrences(event: Event, *, just_moved: datetime | None = None) -> dict[uuid.UUID, ByOccurrence]:
    """By invitation, where an occurrence's answer is not the one to the series.

    Who has accepted the series has not yet accepted another time: an occurrence that was moved since then, or
    `just_moved`, is open until that person answers it.
    """
    if not event.is_recurring:
        return {}
    found: dict[uuid.UUID, ByOccurrence] = {}
    to_series: dict[uuid.UUID, datetime] = {}
    invites: list[AnyInvite] = [*event.invites.all(), *event.email_invites.all()]
    given = (reply for invite in invites for reply in invite.replies.all())
    standing = (reply for reply in given if reply.is_by_invitee and not reply.is_stale)
    for reply in sorted(standing, key=attrgetter("received_at")):
        invite_id: Any = reply.event_invite_id or reply.email_invite_id
        if reply.occurrence is None:
            to_series[invite_id] = reply.received_at
        else:
            found.setdefault(invite_id, {})[instance_id(reply.occurrence)] = PARTSTAT[reply.status]
    for exception in filter(_is_moved, event.exceptions.all()):
        for invite_id, answered_at in to_series.items():
            if answered_at < exception.created_at or exception.original_starts_at == just_moved:
                found.setdefault(invite_id, {}).setdefault(instance_id(exception.original_starts_at), "NEEDS-ACTION")
    return found


def name_of(reply: Reply) -> str:
    """Of whoever answered; "" where only the address is known."""
    if not reply.is_by_invitee:
        return reply.name
    if reply.event_invite is not None:
        return reply.event_invite.invitee.display_name
    invite = reply.email_invite
    return f"{invite.first_name} {invite.last_name}".strip() if invite else ""


def proposes_days(event: Event, reply: Reply) -> bool:
    """Whole days stay whole days where days are proposed."""
    zone, proposed = event.starts_at_zone, (reply.proposed_starts_at, reply.proposed_ends_at)
    walls = (to_wall(instant, zone).time() for instant in proposed if instant is not None)
    return bool(event.is_all_day) and all(wall == time() for wall in walls)


def proposed(event: Event, reply: Reply) -> Schedule | None:
    """Days in the zone that they are days of."""
    start, end, days = reply.proposed_starts_at, reply.proposed_ends_at, proposes_days(event, reply)
    zone = event.starts_at_zone if days else reply.proposed_zone
    return Schedule(Time(start, zone), Time(end, zone), days) if start and end else None


def counted(events: Iterable[uuid.UUID]) -> dict[uuid.UUID, Counter[str]]:
    """How many of those invited have given which answer to the whole, by event. Two statements."""
    found: dict[uuid.UUID, Counter[str]] = {event_id: Counter() for event_id in events}
    for model in (EventInvite, EmailInvite):
        rows = model.objects.filter(event__in=list(found)).order_by().values_list("event", "status")
        for event_id, status, count in rows.annotate(count=Count("pk")):
            found[event_id][status] += count
    return found


def occurrences(event: Event) -> set[datetime]:
    """Those to which there are answers, by their original start."""
    return {name for name in _replies(event).values_list("occurrence", flat=True) if name is not None}


def follow(event: Event, kept: dict[datetime, datetime]) -> None:
    """Answers to single occurrences get their new names; those to others and to the series count no more."""
    replies = list(_replies(event))
    for reply in replies:
        name = kept.get(reply.occurrence) if reply.occurrence else None
        reply.occurrence, reply.is_stale = name or reply.occurrence, name is None
        if reply.is_stale and reply.proposal_state == OPEN:
            reply.proposal_state = Reply.ProposalState.OVERTAKEN
    Reply.objects.bulk_update(replies, ["is_stale", "occurrence", "proposal_state"])


def forget(event: Event, occurrence: datetime) -> None:
    """Answers to another time of one occurrence than that of now count no more."""
    _replies(event).filter(occurrence=occurrence).update(is_stale=True)


def overtake(**which: Any) -> None:
    """The proposals that are still open among these answers are worth nothing any more."""
    Reply.objects.filter(**which, proposal_state=OPEN).update(proposal_state=Reply.ProposalState.OVERTAKEN)


def _replies(event: Event) -> QuerySet[Reply]:
    return Reply.objects.filter(Q(event_invite__event=event) | Q(email_invite__event=event), is_stale=False)


def _is_moved(exception: EventException) -> bool:
    return any(value is not None for value in (exception.starts_at, exception.ends_at, exception.is_all_day))
