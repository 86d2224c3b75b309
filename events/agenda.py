"""Keeps the agenda true: the only writer of Agenda rows, which follow from events, invitations and favourites."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from events.models import Agenda, Event, Favorite
from invites.models import EventInvite, Status

WRITTEN = [
    "role", "sort_at", "last_end_at", "created_at", "is_favorite", "invite_status", "is_adhoc", "is_time_independent",
]  # fmt: skip


def sync(event: Event, *, users: Iterable[uuid.UUID] | None = None) -> None:
    """Writes the rows of an event: of `users`, or of everybody in it. Constant statements, whatever their number.

    Call it in the transaction that changed the event, an invitation or a favourite.
    """
    only = None if users is None else list(users)
    rows = {row.user_id: row for row in expected(event, only)}
    stale = Agenda.objects.filter(event=event).exclude(user_id__in=list(rows))
    if only is not None:
        stale = stale.filter(user_id__in=only)
    stale.delete()
    Agenda.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["user", "event"], update_fields=WRITTEN
    )


@dataclass(frozen=True)
class _Part:
    """Somebody's part in an event. Whoever has no invitation, the creator, counts as having accepted."""

    role: str
    status: str


def expected(event: Event, users: list[uuid.UUID] | None = None) -> list[Agenda]:
    """The rows that should exist, unsaved; what manage.py check_consistency compares with."""
    invites = EventInvite.objects.filter(event=event)
    favorites = Favorite.objects.filter(event=event)
    if users is not None:
        invites, favorites = invites.filter(invitee__in=users), favorites.filter(user__in=users)
    parts = {user_id: _Part(role, status) for user_id, role, status in invites.values_list("invitee", "role", "status")}
    if users is None or event.created_by_id in users:
        parts[event.created_by_id] = _Part(Agenda.Role.CREATOR, Status.ACCEPTED)
    loved_by = set(favorites.values_list("user", flat=True))
    return [_row(event, user_id, part, user_id in loved_by) for user_id, part in parts.items()]


def _row(event: Event, user_id: uuid.UUID, part: _Part, is_favorite: bool) -> Agenda:
    return Agenda(
        user_id=user_id,
        event=event,
        role=part.role,
        sort_at=event.starts_at or Agenda.NO_TIME,
        last_end_at=Agenda.NO_TIME if event.is_time_independent else event.series_ends_at or Agenda.NO_END,
        created_at=event.created_at,
        is_favorite=is_favorite,
        invite_status=part.status,
        is_adhoc=event.is_adhoc,
        is_time_independent=event.is_time_independent,
    )
