"""Who may enter a room by code or by phone: asked when a ticket is issued, and again when it is used."""

import uuid

from invites import access as invites
from invites.models import InviteCode
from rest.errors import FeatureDisabled, InvalidCredentials, NotFound, ServiceForbidden
from rooms.models import Room, SipConfig
from rooms.sip import call_in_of


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
