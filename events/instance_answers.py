"""What people answered to the occurrences that a response shows: the rules of events/answers.py over plain rows."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from events.rows import AgendaRow, ExceptionRow
from invites.models import EventInvite, Reply, Status

Occurrences = dict[uuid.UUID, set[datetime]]  # by event


def fill_in(shown: Iterable[tuple[AgendaRow, datetime]], user_id: uuid.UUID) -> None:
    """Sets `own_answers` and `answers` of the rows for these occurrences; at most one statement.

    Needs access.with_invitees and access.with_exceptions.
    """
    rows: dict[uuid.UUID, AgendaRow] = {}
    names: Occurrences = {}
    for row, name in shown:
        if row.event.recurrence_pattern and not (row.is_creators and not row.invitees):
            rows[row.event_id] = row
            names.setdefault(row.event_id, set()).add(name)
    if not rows:
        return
    to_series, to_one = _read(rows, names, user_id)
    for event_id, row in rows.items():
        moved = [change for change in row.exceptions if change.columns.original_starts_at in names[event_id]]
        found = to_one.get(event_id, {})
        for person, answered_at in to_series.get(event_id, {}).items():
            for change in filter(_is_moved, moved):
                if answered_at < change.columns.created_at:
                    found.setdefault(person, {}).setdefault(change.columns.original_starts_at, Status.PENDING)
        row.answers, row.own_answers = found, found.get(user_id, {})


def _read(
    rows: dict[uuid.UUID, AgendaRow], names: Occurrences, user_id: uuid.UUID
) -> tuple[dict[uuid.UUID, dict[uuid.UUID, datetime]], dict[uuid.UUID, dict[uuid.UUID, dict[datetime, str]]]]:
    """By event and person: when the series was answered last, and the answers to the occurrences."""
    to_series: dict[uuid.UUID, dict[uuid.UUID, datetime]] = {}
    to_one: dict[uuid.UUID, dict[uuid.UUID, dict[datetime, str]]] = {}
    columns = ("event_id", "event_invite__invitee", "email_invite", "occurrence", "status", "received_at")
    for event_id, invitee, address, name, status, at in _replies(rows, names, user_id).values_list(*columns):
        person = invitee or address
        if name is None:
            to_series.setdefault(event_id, {})[person] = at
        elif name in names[event_id]:
            to_one.setdefault(event_id, {}).setdefault(person, {})[name] = status
    return to_series, to_one


def _replies(rows: dict[uuid.UUID, AgendaRow], names: Occurrences, user_id: uuid.UUID) -> QuerySet[Reply]:
    invites: list[Any] = [invite for row in rows.values() for invite in row.invitees]
    users = [invite.pk for invite in invites if isinstance(invite, EventInvite)]
    addresses = [invite.pk for invite in invites if not isinstance(invite, EventInvite)]
    who = Q(event_invite__invitee=user_id)
    if users:
        who |= Q(event_invite__in=users)
    if addresses:
        who |= Q(email_invite__in=addresses)
    which = Q(occurrence__in=set().union(*names.values()))
    if any(_is_moved(change) for row in rows.values() for change in row.exceptions):
        which |= Q(occurrence=None)
    standing = Reply.objects.filter(event_id__in=list(rows), is_stale=False, is_by_invitee=True)
    return standing.filter(who, which).order_by("received_at")


def _is_moved(change: ExceptionRow) -> bool:
    columns = change.columns
    return any(value is not None for value in (columns.starts_at, columns.ends_at, columns.is_all_day))
