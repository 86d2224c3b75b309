"""The person behind a verified access token, whether the token itself says who that is or only its issuer."""

from typing import Any

from django.conf import settings

from users.oidc.claims import Claims, names_person, read_claims
from users.oidc.issuer import issuer


def is_complete(payload: dict[str, Any]) -> bool:
    """Whether the issuer would say no more of the person than the token does."""
    return settings.OIDC_IS_EMBEDDED or names_person(payload) or not issuer().has_userinfo


def claims(token: str, payload: dict[str, Any]) -> Claims:
    """What the token says, else what the issuer says when asked. Raises InvalidClaims, ServiceUnavailable."""
    if is_complete(payload):
        return read_claims(payload)
    return read_claims(payload | issuer().userinfo(token, sub=payload["sub"]) | {"iat": payload["iat"]})


def tenant_of(payload: dict[str, Any]) -> str:
    """The external id of the tenant as far as the token itself says it."""
    if settings.TENANT_ASSIGNMENT == "by_external_tenant_id":
        return str(payload.get("tenant_id") or "")
    return str(settings.TENANT_DEFAULT)


def is_service(payload: dict[str, Any]) -> bool:
    """Whether a program got the token for itself: it has roles, but no rooms and no meetings."""
    is_keycloaks = str(payload.get("preferred_username", "")).startswith("service-account-")
    return is_keycloaks or payload["sub"] in (payload.get("azp"), payload.get("client_id"))
