"""Tickets for the WebSocket: issued to who may enter, used once. Knows no HTTP.

A ticket is `<room>#<27 letters and digits>`, 64 characters that a proxy may route by. The resumption token beside it
lets who lost the connection come back as the same participant (contract 4.8).
"""

import hashlib
import secrets
import string
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from events.lobby import has_waiting_room
from invites.models import InviteCode
from rest.errors import ApiError, Forbidden, NotFound
from rooms.models import Room
from signaling import access
from signaling.models import Ticket
from signaling.modules import breakout
from signaling.services import sessions
from users.models import User

LIFETIME = timedelta(seconds=30)
# How long a participant's place is kept after the ticket was used.
RESUMABLE = timedelta(seconds=120)
CHARACTERS = string.ascii_letters + string.digits
RANDOM_LENGTH, RESUMPTION_LENGTH = 27, 64


class NoBreakoutRooms(ApiError):
    code = "no_breakout_rooms"
    default_detail = "This room has no breakout rooms"


class InvalidBreakoutRoom(ApiError):
    code = "invalid_breakout_room_id"
    default_detail = "This room has no such breakout room"


class InvalidTicket(ApiError):
    status_code = 401
    code = "invalid_ticket"
    default_detail = "The ticket is unknown, used, expired or no longer good for this room"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What the client gets, and nobody can read again."""

    ticket: str
    resumption: str


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What a used ticket opens; its room comes with the creator and the tariff."""

    ticket: Ticket
    has_waiting_room: bool


@transaction.atomic
def issue_ticket(
    *,
    room: Room,
    user: User | None = None,
    code: InviteCode | None = None,
    breakout_room: uuid.UUID | None = None,
    resumption: str | None = None,
    is_recorder: bool = False,
) -> Issued:
    """For a person, for a guest with a code, or with neither for somebody who dialled in or for the recorder.

    An invalid resumption token is ignored: the ticket is then for a new participant. Raises BannedFromRoom,
    NoBreakoutRooms, InvalidBreakoutRoom, NotFound.
    """
    if user is not None:
        access.check_ban(user, room)
    _check_breakout_room(room.pk, breakout_room)
    # Those who start in one room follow each other, and its deletion waits for them.
    if not Room.objects.select_for_update(no_key=True).filter(pk=room.pk).values_list("pk"):
        raise NotFound
    now = timezone.now()
    kind = Ticket.Kind.RECORDER if is_recorder else _kind(user, code)
    participant_id = _resumed(room, kind, user, resumption, now) if resumption else None
    issued = Issued(ticket=f"{room.pk}#{_random(RANDOM_LENGTH)}", resumption=_random(RESUMPTION_LENGTH))
    # What is over in this room goes now, so that the table needs no job.
    room.tickets.filter(expires_at__lte=now).exclude(resumable_until__gt=now).delete()
    Ticket.objects.create(
        digest=_digest(issued.ticket),
        room=room,
        breakout_room=breakout_room,
        kind=kind,
        user=user,
        invite_code=code,
        secret_digest=_secret_digest(room, kind),
        participant_id=participant_id or uuid.uuid4(),
        is_resuming=participant_id is not None,
        resumption_digest=_digest(issued.resumption),
        expires_at=now + LIFETIME,
    )
    return issued


@transaction.atomic
def redeem_ticket(*, text: str) -> Admission:
    """Uses the ticket up if its holder may still join; raises InvalidTicket. The place can be resumed from then on."""
    now = timezone.now()
    tickets = Ticket.objects.filter(digest=_digest(text))
    # The condition is part of the change: of two who come with the same ticket one gets in.
    fresh = tickets.filter(used_at=None, expires_at__gt=now)
    if not fresh.update(used_at=now, resumable_until=now + RESUMABLE):
        raise InvalidTicket
    ticket = tickets.select_related("room__created_by__tariff", "room__sip_config", "user", "invite_code").get()
    try:
        _check_rights(ticket)
    except ApiError:
        raise InvalidTicket from None
    return Admission(ticket=ticket, has_waiting_room=has_waiting_room(ticket.room, now))


def _kind(user: User | None, code: InviteCode | None) -> Ticket.Kind:
    if user is not None:
        return Ticket.Kind.USER
    return Ticket.Kind.SIP if code is None else Ticket.Kind.GUEST


def _resumed(room: Room, kind: Ticket.Kind, user: User | None, resumption: str, now: datetime) -> uuid.UUID | None:
    """The participant whose place the token keeps, once; None where it keeps none for this caller in this room."""
    kept = Ticket.objects.filter(
        resumption_digest=_digest(resumption), room=room, kind=kind, user=user, resumable_until__gt=now
    )
    participant_id = kept.values_list("participant_id", flat=True).first()
    return participant_id if participant_id and kept.update(resumable_until=None) else None


def _check_rights(ticket: Ticket) -> None:
    """Raises the ApiError with which the holder would get no ticket now."""
    _check_breakout_room(ticket.room_id, ticket.breakout_room)
    if ticket.user is not None:
        access.as_person(ticket.user, ticket.room_id)
        return
    if ticket.invite_code is not None:
        access.as_guest(ticket.invite_code.code, ticket.room_id)
    elif ticket.kind == Ticket.Kind.RECORDER:
        access.check_recording(ticket.room)
    else:
        access.check_call_in(ticket.room)
    # Where a password was taken away, nobody needs it any more.
    if _secret(ticket.room, ticket.kind) and not constant_time_compare(
        ticket.secret_digest, _secret_digest(ticket.room, ticket.kind)
    ):
        raise Forbidden


def _check_breakout_room(room_id: uuid.UUID, breakout_room: uuid.UUID | None) -> None:
    """Raises NoBreakoutRooms, InvalidBreakoutRoom."""
    if breakout_room is None:
        return
    state = sessions.state_of(room_id=room_id, kind=breakout.State)
    if state is None or not state.rooms:
        raise NoBreakoutRooms
    if not state.has(breakout_room):
        raise InvalidBreakoutRoom


def _secret(room: Room, kind: str) -> str:
    """What the holder was asked for, as it is now."""
    match kind:
        case Ticket.Kind.GUEST:
            return room.password
        case Ticket.Kind.SIP:
            return room.sip_config.password
        case _:
            return ""


def _secret_digest(room: Room, kind: str) -> str:
    secret = _secret(room, kind)
    return salted_hmac("signaling.tickets", secret, algorithm="sha256").hexdigest() if secret else ""


def _digest(text: str) -> str:
    """Enough for what nobody can guess."""
    return hashlib.sha256(text.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(CHARACTERS) for _character in range(length))
