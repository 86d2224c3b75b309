"""Whether and how a room is reached by phone."""

from django.conf import settings

from rest.errors import FeatureDisabled
from rooms.models import Room, SipConfig
from users.models import Tariff
from users.tariffs import has_feature

FEATURE = "core::call_in"


def call_in_of(room: Room, tariff: Tariff | None) -> SipConfig | None:
    """The dial-in that works: a number is set, the owner's tariff has the feature, nothing is encrypted end to end."""
    if not settings.CALL_IN_TEL or room.e2e_encryption or not has_feature(tariff, FEATURE):
        return None
    config: SipConfig | None = getattr(room, "sip_config", None)
    return config


def require_feature(tariff: Tariff | None) -> None:
    """Raises FeatureDisabled where the owner's tariff, or the whole server, has no dial-in."""
    if not has_feature(tariff, FEATURE):
        raise FeatureDisabled
