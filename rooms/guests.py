"""Whether a room is open to people without an account."""

from rooms.hindrances import Hindrance
from rooms.models import Room
from users.tariffs import has_feature

FEATURE = "core::guests_allowed"


def admits_guests(room: Room) -> bool:
    return not against_guests(room)


def against_guests(room: Room) -> list[Hindrance]:
    """Only its members hold the keys of an encrypted room; and the owner's tariff may know no guests (contract 5)."""
    found = [Hindrance.ENCRYPTED] if room.e2e_encryption else []
    return found if has_feature(room.created_by.tariff, FEATURE) else [*found, Hindrance.NO_GUESTS]
