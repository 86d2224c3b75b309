"""Answers to single occurrences, in the form that calendars use (RFC 5545 3.2.12)."""

import uuid
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet

from calendars.times import instance_id
from events.models import Event, EventException
from invites.models import EmailInvite, EventInvite, Reply, Status
from mailer.messages import PartStat

AnyInvite = EventInvite | EmailInvite

PARTSTAT: dict[str, PartStat] = {
    Status.PENDING: "NEEDS-ACTION",
    Status.ACCEPTED: "ACCEPTED",
    Status.TENTATIVE: "TENTATIVE",
    Status.DECLINED: "DECLINED",
}
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
    standing = (reply for invite in invites for reply in invite.replies.all() if not reply.is_stale)
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


def occurrences(event: Event) -> set[datetime]:
    """Those to which there are answers, by their original start."""
    return {name for name in _replies(event).values_list("occurrence", flat=True) if name is not None}


def follow(event: Event, kept: dict[datetime, datetime]) -> None:
    """Answers to single occurrences get their new names; those to others and to the series count no more."""
    replies = list(_replies(event))
    for reply in replies:
        name = kept.get(reply.occurrence) if reply.occurrence else None
        reply.occurrence, reply.is_stale = name or reply.occurrence, name is None
    Reply.objects.bulk_update(replies, ["is_stale", "occurrence"])


def forget(event: Event, occurrence: datetime) -> None:
    """Answers to another time of one occurrence than that of now count no more."""
    _replies(event).filter(occurrence=occurrence).update(is_stale=True)


def _replies(event: Event) -> QuerySet[Reply]:
    return Reply.objects.filter(Q(event_invite__event=event) | Q(email_invite__event=event), is_stale=False)


def _is_moved(exception: EventException) -> bool:
    return any(value is not None for value in (exception.starts_at, exception.ends_at, exception.is_all_day))
