"""Whether and how a room is reached by phone."""

from django.conf import settings

from rest.errors import Forbidden
from rooms.models import Room, SipConfig
from users.models import Tariff
from users.rows import Limits
from users.tariffs import has_feature

FEATURE = "core::call_in"


class FeatureDisabled(Forbidden):
    code = "feature_disabled"
    default_detail = "This feature is switched off"


class ServiceForbidden(Forbidden):
    """The settings of the room exclude it: nobody can join an end-to-end encrypted room by phone."""

    code = "service_unavailable"
    default_detail = "The requested service is not available here"


def call_in_of(room: Room, tariff: Tariff | None) -> SipConfig | None:
    """The dial-in, where it works."""
    config: SipConfig | None = getattr(room, "sip_config", None)
    return config if has_call_in(tariff, is_encrypted=room.e2e_encryption) else None


def has_call_in(tariff: Tariff | Limits | None, *, is_encrypted: bool) -> bool:
    """Whether a number is set, the owner's tariff has the feature, and nothing is encrypted end to end."""
    return bool(settings.CALL_IN_TEL) and not is_encrypted and has_feature(tariff, FEATURE)


def require_feature(tariff: Tariff | None) -> None:
    """Raises FeatureDisabled where the owner's tariff, or the whole server, has no dial-in."""
    if not has_feature(tariff, FEATURE):
        raise FeatureDisabled
