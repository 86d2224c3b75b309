"""What a tariff allows. A feature is written `module::feature`; one without module belongs to `core` (contract 4.6)."""

import logging
import uuid
from typing import Any

from django.conf import settings

from rest.errors import ApiError
from site_settings.values import present
from users.models import Tariff, User
from users.oidc.claims import Claims
from users.rows import Limits

logger = logging.getLogger(__name__)

# What this server can do: modules of the meeting, each with the features that can be switched off on their own.
# A name that the frontend finds here is a button there.
MODULES: dict[str, tuple[str, ...]] = {
    "core": ("call_in", "guests_allowed"),
    "automod": (),
    "breakout": (),
    "chat": (),
    "echo": (),
    "integration": ("outlook",),
    "legal_vote": (),
    "livekit": (),
    "media": (),
    "meeting_notes": (),
    "meeting_report": (),
    "moderation": (),
    "polls": (),
    "recording": ("record", "stream"),
    "shared_folder": (),
    "subroom_audio": (),
    "timer": (),
    "training_participation_report": (),
    "whiteboard": (),
}


class InvalidTariffId(ApiError):
    code = "invalid_tariff_id"
    default_detail = "The identity provider names a tariff that does not exist here"


class InvalidConfiguration(ApiError):
    """A configuration error that only the administrator can fix; the log has the details."""

    status_code = 500
    code = "invalid_configuration"
    default_detail = "The server is not configured correctly"


def assigned(user: User, claims: Claims) -> dict[str, Any]:
    """The columns `tariff` and `tariff_status` as the claims have them; none where staff assigns tariffs here.

    Raises InvalidTariffId, InvalidConfiguration.
    """
    if settings.OIDC_IS_EMBEDDED:
        return {}
    columns: dict[str, Any] = {}
    if settings.TARIFF_ASSIGNMENT == "by_external_tariff_id":
        columns["tariff"] = _by_external_id(claims.tariff_id)
    if any(settings.TARIFF_STATUS.values()):
        columns["tariff_status"] = _status(claims.tariff_status)
        if columns["tariff_status"] == User.TariffStatus.DOWNGRADED:
            columns["tariff"] = _downgraded()
    return columns


def _by_external_id(external_id: str) -> Tariff:
    # A few rows; SQLite cannot look into a JSON list.
    tariff = next((tariff for tariff in Tariff.objects.all() if external_id in tariff.external_ids), None)
    if tariff is None:
        raise InvalidTariffId
    return tariff


def _status(word: str) -> str:
    known = (status for status, words in settings.TARIFF_STATUS.items() if word in words)
    return next(known, User.TariffStatus.DEFAULT)


def _downgraded() -> Tariff:
    tariff = Tariff.objects.filter(name=settings.TARIFF_DOWNGRADED).first()
    if tariff is None:
        logger.error("TARIFF_DOWNGRADED is %r, and no tariff has this name", settings.TARIFF_DOWNGRADED)
        raise InvalidConfiguration
    return tariff


def has_feature(tariff: Tariff | Limits | None, feature: str) -> bool:
    """`feature` with its module, e.g. `core::call_in`. No tariff forbids nothing."""
    is_off = tariff is not None and feature.partition("::")[0] in tariff.disabled_modules
    return not is_off and feature not in disabled_features(tariff)


def disabled_features(tariff: Tariff | Limits | None) -> set[str]:
    """Those of the tariff and of the whole server, each with its module."""
    names = [*settings.DISABLED_FEATURES, *(tariff.disabled_features if tariff else ())]
    return {name if "::" in name else f"core::{name}" for name in names}


def _configured() -> dict[str, bool]:
    """Modules that stand before another server, and whether the settings name it."""
    return {
        "livekit": bool(settings.LIVEKIT_URL),
        "subroom_audio": bool(settings.LIVEKIT_URL),
        "meeting_notes": bool(settings.ETHERPAD_URL),
        "whiteboard": bool(settings.SPACEDECK_URL),
        "media": bool(settings.JANUS_URL),
        "shared_folder": settings.SHARED_FOLDERS != "none",
    }


def tariff_resource(tariff: Tariff | None) -> dict[str, Any]:
    """On the wire: the older names `enabled_modules` and `disabled_features` too, as clients of both ages exist.

    What this server is not configured for is not there, so that no client shows a button for it.
    """
    off, hidden = disabled_features(tariff), set(tariff.disabled_modules if tariff else ())
    if not settings.CALL_IN_TEL:
        off.add("core::call_in")
    hidden |= {module for module, is_there in _configured().items() if not is_there}
    modules = {
        module: {"features": [name for name in features if f"{module}::{name}" not in off]}
        for module, features in MODULES.items()
        if module not in hidden
    }
    return {
        "id": tariff.pk if tariff else uuid.UUID(int=0),
        "name": tariff.name if tariff else present("TARIFF_DEFAULT"),
        "quotas": tariff.quotas if tariff else {},
        "modules": modules,
        "enabled_modules": sorted(modules),
        "disabled_features": sorted(off),
    }
