"""Which guest codes a person can access, and what a code gives access to."""

import uuid

from django.db.models import F
from rest_framework.request import Request

from invites.models import InviteCode, InviteCodeQuerySet
from rest.errors import NotFound
from rooms import access as rooms
from rooms.access import ServiceNotFound
from rooms.guests import admits_guests, against_guests
from rooms.hindrances import Hindrance
from rooms.models import Room


def codes_of(room: Room) -> InviteCodeQuerySet:
    """The codes of a room that everybody in it may pass on, also those that are over; newest change first.

    Not those made for one person: the frontend shows the first permanent code as the meeting's guest link.
    """
    return _with_people().filter(room=room, emailinvites=None, eventinvites=None)


def code_of(room: Room, code: uuid.UUID) -> InviteCode:
    """One code of the room, also one that was made for one person. Raises NotFound."""
    found = _with_people().select_related("room").filter(room=room, code=code).first()
    if found is None:
        raise NotFound
    return found


def _with_people() -> InviteCodeQuerySet:
    return InviteCodeQuerySet(InviteCode).select_related("created_by", "updated_by")


def for_everybody(room: Room) -> InviteCode | None:
    """The code that opens the room to guests, rather one without end; None where there is none."""
    if not admits_guests(room):
        return None
    return codes_of(room).valid().order_by(F("expiration").desc(nulls_first=True), "-updated_at", "id").first()


def opened_by(code: uuid.UUID) -> InviteCode:
    """The valid code with its room; 404 for unknown, revoked and expired ones alike, and where no guest may enter."""
    found = InviteCode.objects.select_related("room__created_by__tariff").filter(code=code).first()
    if found is None or _against_itself(found):
        raise NotFound
    if not admits_guests(found.room):
        raise ServiceNotFound
    return found


def against_code(code: InviteCode) -> list[Hindrance]:
    """Why the code is not `opened_by`; its room comes with the creator and the tariff."""
    return [*_against_itself(code), *against_guests(code.room)]


def _against_itself(code: InviteCode) -> list[Hindrance]:
    found = [] if code.active else [Hindrance.REVOKED]
    if code.has_expired():
        found.append(Hindrance.EXPIRED)
    return found if code.room.created_by.is_active else [*found, Hindrance.OWNER_DISABLED]


def visited(request: Request, room_id: uuid.UUID) -> Room:
    """The room for people in it, and for a guest with a code for it; NotFound where the code is another room's."""
    if not isinstance(request.auth, InviteCode):
        return rooms.readable(request.user, room_id)  # type: ignore[arg-type] # without a code it is a person
    if request.auth.room_id != room_id:
        raise NotFound
    return request.auth.room
