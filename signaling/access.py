"""Who may enter a room by code, by phone or to record it: asked when a ticket is issued, and again when it is used."""

import uuid

from django.db.models import QuerySet

from invites import access as invites
from invites.models import InviteCode
from rest.errors import ApiError, Forbidden, NotFound
from rooms import access as rooms
from rooms import sip
from rooms.hindrances import Hindrance
from rooms.models import Room, SipConfig
from rooms.sip import FeatureDisabled, ServiceForbidden
from signaling.models import Participant
from users.models import User, UserQuerySet
from users.tariffs import has_feature


class InvalidCredentials(ApiError):
    """Of a caller by phone. Not a 401, which would be about the gateway's token."""

    code = "invalid_credentials"
    default_detail = "No room has this dial-in id and PIN"


class BannedFromRoom(ApiError):
    status_code = 403
    code = "banned_from_room"
    default_detail = "A moderator banned you from this meeting until it is over"


class WrongRoomPassword(ApiError):
    """The frontend stays in the lobby and asks again: here, and only here, a 401 is not about the token."""

    status_code = 401
    code = "wrong_room_password"
    default_detail = "The room password is wrong"


def as_person(user: User, room_id: uuid.UUID) -> Room:
    """The room for its creator and for invitees. Raises Forbidden, BannedFromRoom."""
    if not user.is_active:
        raise Forbidden
    room = rooms.readable(user, room_id)
    check_ban(user, room)
    return room


def check_ban(user: User, room: Room) -> None:
    """Raises BannedFromRoom."""
    if banned(room).filter(user_id=user.pk).exists():
        raise BannedFromRoom


def banned(room: Room) -> QuerySet[Participant]:
    """Whose accounts may not enter while the live meeting lasts."""
    return Participant.objects.filter(session__room=room, session__ended_at=None, is_banned=True, user_id__isnull=False)


def persons(room: Room) -> UserQuerySet:
    """Everybody who may enter `as_person`."""
    return rooms.readers(room).filter(disabled_since=None).exclude(pk__in=banned(room).values("user_id"))


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
    found = against_call_in(room)
    if Hindrance.OWNER_DISABLED in found:
        raise InvalidCredentials
    if Hindrance.ENCRYPTED in found:
        raise ServiceForbidden
    if found:
        raise FeatureDisabled


def recorded(room_id: uuid.UUID) -> Room:
    """The room, for the recorder. Raises NotFound, FeatureDisabled, ServiceForbidden."""
    room = Room.objects.select_related("created_by__tariff").filter(pk=room_id).first()
    if room is None:
        raise NotFound
    check_recording(room)
    return room


def check_recording(room: Room) -> None:
    """Raises NotFound where nobody may enter, FeatureDisabled where the tariff neither records nor streams.

    Raises ServiceForbidden where the room is end-to-end encrypted: a recorder has no key.
    """
    owner = room.created_by
    if not owner.is_active:
        raise NotFound
    if room.e2e_encryption:
        raise ServiceForbidden
    if not any(has_feature(owner.tariff, feature) for feature in ("recording::record", "recording::stream")):
        raise FeatureDisabled


def against_call_in(room: Room) -> list[Hindrance]:
    owner = room.created_by
    return [*([] if owner.is_active else [Hindrance.OWNER_DISABLED]), *sip.against_call_in(room, owner.tariff)]
