"""Who can enter a room now, and what hinders the others: as `access` answers those who ask for a ticket."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from calendars.addresses import canonical, spellings
from database.folding import folded
from events.access import email_invites, recognized
from events.lobby import has_waiting_room
from invites.access import against_code, codes_of
from invites.models import EmailInvite, EventInvite, InviteCode
from rest.errors import NotFound
from rooms.guesses import Guesses, guessed
from rooms.guests import against_guests
from rooms.hindrances import Hindrance
from rooms.models import Room
from signaling import access
from users.models import User

MOST_SHOWN = 50  # of people, and of codes
MOST_FOUND = 10
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A person or a guest code. Without hindrances it opens the room."""

    name: str
    hindrances: list[Hindrance]
    user: User | None = None
    invite: EventInvite | EmailInvite | None = None
    code: InviteCode | None = None
    code_hindrances: list[Hindrance] | None = None  # of the code that was made for this person
    signs_in_first: bool = False  # has an account that was never used here


@dataclass(frozen=True, kw_only=True)
class Entries:
    """`members`, `guests` and `phones`: what keeps all of a kind out."""

    people: list[Entry]
    unnamed: int  # people beyond those that are shown
    codes: list[Entry]
    members: list[Hindrance]
    guests: list[Hindrance]
    phones: list[Hindrance]
    guesses: list[Guesses]
    has_waiting_room: bool


def entries(room: Room, now: datetime) -> Entries:
    """`room` comes with its creator, tariff and dial-in. As many statements for many people as for few."""
    own = [] if room.created_by.is_active else [Hindrance.OWNER_DISABLED]
    users = User.objects.filter(event_invites__event__room=room).distinct()
    strangers = _strangers(room)
    people = [*_of_users(room, [room.created_by, *users[:MOST_SHOWN]]), *_of_strangers(room, strangers[:MOST_SHOWN])]
    return Entries(
        people=people,
        unnamed=max(users.count() - MOST_SHOWN, 0) + max(strangers.count() - MOST_SHOWN, 0),
        codes=[_of_code(room, code) for code in codes_of(room)[:MOST_SHOWN]],
        members=own,
        guests=[*own, *against_guests(room)],
        phones=access.against_call_in(room),
        guesses=guessed(room, now),
        has_waiting_room=has_waiting_room(room, now),
    )


def found(room: Room, text: str, people: QuerySet[User]) -> list[Entry]:
    """Whoever of `people` and of those invited has this name or address, or the guest code in a link.

    An address that nobody here has is an entry too; a name that nobody has is none.
    """
    if code := _UUID.search(text):
        return [_of_pasted(room, uuid.UUID(code[0]))]
    named = Q(email__in=spellings(text)) if "@" in text else Q(search_text__contains=folded(text))
    strangers = _of_strangers(room, _strangers(room).filter(named)[:MOST_FOUND])
    # An account that was never used here is invited by its address.
    addresses = {entry.invite.email for entry in strangers if isinstance(entry.invite, EmailInvite)}
    users = [user for user in people.filter(named)[:MOST_FOUND] if user.is_registered or user.email not in addresses]
    known = [*_of_users(room, users), *strangers]
    return known or ([Entry(name=canonical(text), hindrances=[Hindrance.NOT_INVITED])] if "@" in text else [])


def _of_users(room: Room, users: Iterable[User]) -> list[Entry]:
    shown = list(users)
    ids = [user.pk for user in shown]
    admitted = set(access.persons(room).filter(pk__in=ids).values_list("pk", flat=True))
    banned = set(access.banned(room).filter(user_id__in=ids).values_list("user_id", flat=True))
    # The later part of a split series is the last word on who is in it as what.
    rows = EventInvite.objects.filter(event__room=room, invitee__in=ids).select_related("invite_code")
    invites = {invite.invitee_id: invite for invite in rows.order_by("event__starts_at", "pk")}
    return [
        Entry(
            name=str(user),
            hindrances=[] if user.pk in admitted else _against_user(user, room, banned),
            user=user,
            **_invited(room, invites.get(user.pk)),
        )
        for user in shown
    ]


def _against_user(user: User, room: Room, banned: set[uuid.UUID | None]) -> list[Hindrance]:
    """Why, of somebody whom `access.persons` does not have."""
    reasons = {
        Hindrance.ACCOUNT_DISABLED: not user.is_active,
        Hindrance.OWNER_DISABLED: not room.created_by.is_active,
        Hindrance.OTHER_TENANT: user.tenant_id != room.tenant_id,
        Hindrance.BANNED: user.pk in banned,
    }
    return [reason for reason, holds in reasons.items() if holds] or [Hindrance.NOT_INVITED]


def _strangers(room: Room) -> QuerySet[EmailInvite]:
    """Addresses without a person here. The last part of a split series repeats whom the parts before it invite."""
    last = EmailInvite.objects.filter(event__room=room, event__continued_by=None)
    is_said_once = Q(event__continued_by=None) | ~Q(email__in=last.values("email"))
    return email_invites().filter(is_said_once, event__room=room).select_related("invite_code")


def _of_strangers(room: Room, invites: QuerySet[EmailInvite]) -> list[Entry]:
    by_address = {invite.email: invite for invite in recognized(invites)}
    return [
        Entry(
            name=f"{invite.first_name} {invite.last_name}".strip() or invite.email,
            hindrances=_against_stranger(invite, room),
            signs_in_first=invite.has_account,
            **_invited(room, invite),
        )
        for invite in by_address.values()
    ]


def _against_stranger(invite: Any, room: Room) -> list[Hindrance]:
    if invite.has_account:  # becomes an invitee like all others at the first sign-in
        return [] if room.created_by.is_active else [Hindrance.OWNER_DISABLED]
    if invite.invite_code is None:
        return [Hindrance.NO_CODE]
    return _against_code(room, invite.invite_code)


def _invited(room: Room, invite: EventInvite | EmailInvite | None) -> dict[str, Any]:
    code = invite.invite_code if invite else None
    return {"invite": invite, "code": code, "code_hindrances": _against_code(room, code) if code else None}


def _of_code(room: Room, code: InviteCode) -> Entry:
    return Entry(name=str(code), hindrances=_against_code(room, code), code=code)


def _against_code(room: Room, code: InviteCode) -> list[Hindrance]:
    code.room = room  # as it was read, with the creator and the tariff
    return against_code(code)


def _of_pasted(room: Room, code: uuid.UUID) -> Entry:
    """Of another room's code nothing is said."""
    row = InviteCode.objects.filter(code=code, room=room).first()
    try:
        access.as_guest(code, room.pk)
    except NotFound:  # ServiceNotFound too
        reasons = _against_code(room, row) if row else [Hindrance.UNKNOWN_CODE]
    else:
        reasons = []
    return Entry(name=f"{str(code)[:8]}…", hindrances=reasons, code=row)
