"""Whether a room is open to people without an account."""

from rooms.models import Room
from users.tariffs import has_feature


def admits_guests(room: Room) -> bool:
    """Not where only its members hold the keys, and not where the owner's tariff knows no guests (contract 5)."""
    return not room.e2e_encryption and has_feature(room.created_by.tariff, "core::guests_allowed")
