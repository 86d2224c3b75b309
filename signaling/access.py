"""Who may enter a room by code or by phone: asked when a ticket is issued, and again when it is used."""

import uuid

from invites import access as invites
from invites.models import InviteCode
from rest.errors import ApiError, NotFound
from rooms.models import Room, SipConfig
from rooms.sip import FeatureDisabled, ServiceForbidden, call_in_of


class InvalidCredentials(ApiError):
    """Of a caller by phone. Not a 401, which would be about the gateway's token."""

    code = "invalid_credentials"
    default_detail = "No room has this dial-in id and PIN"


class WrongRoomPassword(ApiError):
    """The frontend stays in the lobby and asks again: here, and only here, a 401 is not about the token."""

    status_code = 401
    code = "wrong_room_password"
    default_detail = "The room password is wrong"


def as_guest(code: uuid.UUID, room_id: uuid.UUID) -> InviteCode:
    """The valid code of this very room; a code of another one is the same 404, so that nobody can try rooms."""
    found = invites.opened_by(code)
    if found.room_id != room_id:
        raise NotFound
    return found


def dialled(sip_id: str) -> SipConfig:
    """Where a dial-in id leads. Raises InvalidCredentials, as for a wrong PIN."""
    configs = SipConfig.objects.select_related("room__created_by__tariff")
    config = configs.filter(sip_id=sip_id).first()
    if config is None:
        raise InvalidCredentials
    return config


def check_call_in(room: Room) -> None:
    """For who knows the PIN: others learn nothing of the room.

    Raises InvalidCredentials, ServiceForbidden, FeatureDisabled.
    """
    if not room.created_by.is_active:
        raise InvalidCredentials
    if room.e2e_encryption:
        raise ServiceForbidden
    if call_in_of(room, room.created_by.tariff) is None:
        raise FeatureDisabled
