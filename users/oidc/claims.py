"""Reads the person from the claims of a verified token or the issuer's user information (contract 1.2)."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from calendars.addresses import canonical, is_mailable
from rest.errors import ApiError

PERSON = ("email", "given_name", "family_name")
MOST_GROUPS = 1000


class InvalidClaims(ApiError):
    code = "invalid_claims"
    default_detail = "Some required attributes are missing or malformed"


@dataclass(frozen=True, kw_only=True)
class Claims:
    """The claims about a person. A missing claim is "", a missing `groups` None."""

    sub: str
    email: str
    given_name: str
    family_name: str
    nickname: str = ""
    locale: str = ""
    zoneinfo: str = ""
    picture: str = ""
    phone_number: str = ""
    tenant_id: str = ""
    tariff_id: str = ""
    tariff_status: str = ""
    groups: tuple[str, ...] | None = None
    issued_at: datetime | None = None

    @property
    def tenant(self) -> str:
        """The external id of the person's tenant. Tokens of the embedded provider always contain it."""
        is_claimed = settings.OIDC_IS_EMBEDDED or settings.TENANT_ASSIGNMENT == "by_external_tenant_id"
        return (is_claimed and self.tenant_id) or settings.TENANT_DEFAULT


def required() -> tuple[str, ...]:
    """The names of the claims that sign-in needs with the current settings."""
    names: tuple[str, ...] = PERSON
    if settings.OIDC_IS_EMBEDDED:
        return names
    if settings.TENANT_ASSIGNMENT == "by_external_tenant_id":
        names += ("tenant_id",)
    if settings.TARIFF_ASSIGNMENT == "by_external_tariff_id":
        names += ("tariff_id",)
    if any(settings.TARIFF_STATUS.values()):
        names += ("tariff_status",)
    return names


def names_person(payload: dict[str, Any]) -> bool:
    """Whether all required claims are there."""
    return all(payload.get(name) is not None for name in required())


def read_claims(payload: dict[str, Any]) -> Claims:
    """The person in the payload of a verified token. Raises InvalidClaims for missing and malformed claims."""
    if not names_person(payload):
        missing = [name for name in required() if payload.get(name) is None]
        raise InvalidClaims(f"{InvalidClaims.default_detail}: {', '.join(missing)}")
    if settings.OIDC_REQUIRE_VERIFIED_EMAIL and payload.get("email_verified") is not True:
        raise InvalidClaims(f"{InvalidClaims.default_detail}: email_verified")
    return Claims(
        sub=id_of(payload, "sub"),
        email=_email(payload),
        **{name: _text(payload, name) for name in ("given_name", "family_name", "nickname", "locale", "zoneinfo")},
        picture=_picture(payload),
        phone_number=_text(payload, "phone_number"),
        **{name: id_of(payload, name) for name in ("tenant_id", "tariff_id", "tariff_status")},
        groups=_groups(payload),
        issued_at=datetime.fromtimestamp(payload["iat"], UTC) if "iat" in payload else None,
    )


def known_as(payload: dict[str, Any]) -> str:
    """What people call the owner of a token, for them to read: the address, else the subject. Raises InvalidClaims."""
    return _text(payload, "email") or _text(payload, "sub")


def _text(payload: dict[str, Any], name: str) -> str:
    """At most 255 characters, without control characters and surrogates; "" if the claim is missing.

    Directories contain such characters, and neither PostgreSQL nor mail headers accept them all.
    """
    value = payload.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidClaims(f"{InvalidClaims.default_detail}: {name}")
    return "".join(character for character in value if unicodedata.category(character) not in {"Cc", "Cs"})[:255]


def id_of(payload: dict[str, Any], name: str) -> str:
    """The id unchanged. Raises InvalidClaims where `_text` would change it: a shortened id may be another person's."""
    text = _text(payload, name)
    if text != (payload.get(name) or "") or (name in {"sub", *required()} and not text):
        raise InvalidClaims(f"{InvalidClaims.default_detail}: {name}")
    return text


def _email(payload: dict[str, Any]) -> str:
    address = id_of(payload, "email").strip()
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidClaims(f"{InvalidClaims.default_detail}: email") from None
    if not is_mailable(address):
        raise InvalidClaims(f"{InvalidClaims.default_detail}: email")
    return canonical(address)


def _picture(payload: dict[str, Any]) -> str:
    """The URL of the picture; "" if it is no HTTP URL of at most 500 characters."""
    value = payload.get("picture")
    if not isinstance(value, str) or len(value) > 500:
        return ""
    try:
        URLValidator(schemes=["https", "http"])(value)
    except ValidationError:
        return ""
    return value


def _groups(payload: dict[str, Any]) -> tuple[str, ...] | None:
    if payload.get("x_grp") is None:
        return None
    names = payload["x_grp"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidClaims(f"{InvalidClaims.default_detail}: x_grp")
    cleaned = (_text({"x_grp": name}, "x_grp").strip() for name in names[:MOST_GROUPS])
    return tuple(dict.fromkeys(name for name in cleaned if name))
