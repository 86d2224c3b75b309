"""What each process says and asks every few seconds: that it lives, who may no longer be here, what is overdue."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from events.models import Event
from invites.models import EventInvite, InviteCode
from rooms.models import Room
from signaling.models import Broadcast, Participant, Process, RoomSession, Ticket
from signaling.tickets import RESUMABLE
from users.models import User

BEAT = timedelta(seconds=10)
# Whoever said nothing for so long is dead.
LEASE = 3 * BEAT
BROADCASTS_KEPT = timedelta(minutes=1)


@dataclass
class Chores:
    """By room: sockets of processes that died; rooms with a deadline that nobody watched."""

    lost: dict[uuid.UUID, list[uuid.UUID]] = field(default_factory=dict)
    overdue: list[uuid.UUID] = field(default_factory=list)


@transaction.atomic
def beat(*, process: uuid.UUID, name: str, tickets: Collection[int], connections: Collection[uuid.UUID]) -> Chores:
    """`connections` are open here, with these tickets: their places stay theirs."""
    now = timezone.now()
    Process.objects.update_or_create(id=process, defaults={"seen_at": now, "name": name[:100]})
    # NULL is a place that somebody took over: it stays with them.
    Ticket.objects.filter(pk__in=tickets, resumable_until__isnull=False).update(resumable_until=now + RESUMABLE)
    Broadcast.objects.filter(sent_at__lt=now - BROADCASTS_KEPT).delete()
    Process.objects.filter(seen_at__lt=now - LEASE).delete()
    # Whoever is late by less than a beat is in the hands of the process that armed it.
    overdue = RoomSession.objects.filter(ended_at=None, next_deadline_at__lt=now - BEAT)
    return Chores(lost=_lost(process, connections), overdue=list(overdue.values_list("room_id", flat=True)))


def _lost(process: uuid.UUID, connections: Collection[uuid.UUID]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Sockets of dead processes, and those whose leaving failed here."""
    lost: dict[uuid.UUID, list[uuid.UUID]] = {}
    others = Process.objects.exclude(pk=process).values("pk")
    people = Participant.objects.filter(where__in=Participant.PRESENT).exclude(process__in=others)
    for room_id, connection in people.values_list("session__room_id", "connection"):
        if connection not in connections:
            lost.setdefault(room_id, []).append(connection)
    return lost


@transaction.atomic
def end_lease(*, process: uuid.UUID) -> None:
    Process.objects.filter(pk=process).delete()


def steps_of(sessions: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """By session, how far it is."""
    return dict(RoomSession.objects.filter(pk__in=sessions).values_list("pk", "step"))


def broadcasts_since(session: uuid.UUID, step: int) -> tuple[int, list[tuple[int, bytes]]]:
    """How far the session is, and what is kept of its steps from that one on."""
    last = steps_of([session]).get(session, 0)
    rows = Broadcast.objects.filter(session=session, step__gte=step).order_by("step").values_list("step", "body")
    return last, [(number, bytes(body)) for number, body in rows]


def existing(room_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return set(Room.objects.filter(pk__in=room_ids).values_list("pk", flat=True))


@dataclass(frozen=True)
class Holder:
    """Somebody at a socket, by what lets them in: an account, a guest code, or neither (by phone)."""

    room_id: uuid.UUID
    connection: uuid.UUID
    user_id: uuid.UUID | None
    invite_code_id: uuid.UUID | None


def no_longer_allowed(holders: Iterable[Holder]) -> list[Holder]:
    """Whose account was disabled, invitation withdrawn, or code revoked; all where the room's creator was disabled.

    A code that merely expires throws nobody out.
    """
    holders = list(holders)
    rooms = {holder.room_id for holder in holders}
    open_rooms = dict(
        Room.objects.filter(pk__in=rooms, created_by__disabled_since=None).values_list("pk", "created_by_id")
    )
    users = {holder.user_id for holder in holders if holder.user_id}
    active = set(User.objects.filter(pk__in=users, disabled_since=None).values_list("pk", flat=True))
    events = dict(Event.objects.filter(room__in=rooms).values_list("pk", "room_id"))
    invited = {
        (events[event_id], user_id)
        for event_id, user_id in EventInvite.objects.filter(event__in=events, invitee__in=users).values_list(
            "event_id", "invitee_id"
        )
    }
    codes = {holder.invite_code_id for holder in holders if holder.invite_code_id}
    good_codes = set(InviteCode.objects.filter(pk__in=codes, active=True).values_list("pk", flat=True))

    def is_allowed(holder: Holder) -> bool:
        if holder.room_id not in open_rooms:
            return False
        if holder.user_id is not None:
            is_in = open_rooms[holder.room_id] == holder.user_id or (holder.room_id, holder.user_id) in invited
            return is_in and holder.user_id in active
        return holder.invite_code_id is None or holder.invite_code_id in good_codes

    return [holder for holder in holders if not is_allowed(holder)]
