"""The owner of a verified access token, read from the token or requested from the issuer."""

from typing import Any

from django.conf import settings

from users.oidc.claims import Claims, id_of, names_person, read_claims
from users.oidc.issuer import issuer


def is_complete(payload: dict[str, Any]) -> bool:
    """Whether asking the issuer would add nothing to what the token says."""
    return settings.OIDC_IS_EMBEDDED or names_person(payload) or not issuer().has_userinfo


def claims(token: str, payload: dict[str, Any]) -> Claims:
    """The person's claims, completed by the issuer's user information if needed.

    Raises InvalidClaims, Forbidden, ServiceUnavailable.
    """
    if is_complete(payload):
        return read_claims(payload)
    return read_claims(payload | issuer().userinfo(token, sub=payload["sub"]) | {"iat": payload["iat"]})


def tenant_of(payload: dict[str, Any]) -> str:
    """The external id of the tenant as the token says it; "" if it does not. Raises InvalidClaims."""
    if settings.TENANT_ASSIGNMENT == "by_external_tenant_id":
        return id_of(payload, "tenant_id") if payload.get("tenant_id") else ""
    return str(settings.TENANT_DEFAULT)


def is_service(payload: dict[str, Any]) -> bool:
    """Whether the token belongs to a service (client credentials grant), which has roles but no account."""
    is_keycloaks = str(payload.get("preferred_username", "")).startswith("service-account-")
    return is_keycloaks or payload["sub"] in (payload.get("azp"), payload.get("client_id"))
