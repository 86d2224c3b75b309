"""Whether and how a room is reached by phone."""

from django.conf import settings

from rest.errors import Forbidden
from rooms.hindrances import Hindrance
from rooms.models import Room, SipConfig
from users.models import Tariff
from users.rows import Limits
from users.tariffs import has_feature

FEATURE = "core::call_in"


class FeatureDisabled(Forbidden):
    code = "feature_disabled"
    default_detail = "This feature is switched off"


class ServiceForbidden(Forbidden):
    """The settings of the room exclude it: neither phones nor recorders can join an end-to-end encrypted room."""

    code = "service_unavailable"
    default_detail = "The requested service is not available here"


def call_in_of(room: Room, tariff: Tariff | None) -> SipConfig | None:
    """The dial-in, where it works."""
    return None if against_call_in(room, tariff) else room.sip_config


def has_call_in(tariff: Tariff | Limits | None, *, is_encrypted: bool) -> bool:
    """Whether a room may be reached by phone that has a dial-in."""
    return not _against(tariff, is_encrypted=is_encrypted)


def against_call_in(room: Room, tariff: Tariff | None) -> list[Hindrance]:
    found = _against(tariff, is_encrypted=room.e2e_encryption)
    return found if hasattr(room, "sip_config") else [*found, Hindrance.NO_DIAL_IN]


def _against(tariff: Tariff | Limits | None, *, is_encrypted: bool) -> list[Hindrance]:
    """A number has to be set, the owner's tariff has to have the feature, and no phone encrypts end to end."""
    found = [Hindrance.ENCRYPTED] if is_encrypted else []
    if not settings.CALL_IN_TEL:
        found.append(Hindrance.NO_NUMBER)
    return found if has_feature(tariff, FEATURE) else [*found, Hindrance.NO_CALL_IN]


def require_feature(tariff: Tariff | None) -> None:
    """Raises FeatureDisabled where the owner's tariff, or the whole server, has no dial-in."""
    if not has_feature(tariff, FEATURE):
        raise FeatureDisabled
