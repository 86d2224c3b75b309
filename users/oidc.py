"""Checks tokens locally and reads who they name. No network call for a request: keys are held here."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from jwt.algorithms import RSAAlgorithm

from rest.errors import ExpiredToken, Forbidden, InvalidClaims, Unauthorized

# Never HS*: a token signed with the public key as an HMAC secret would pass (RFC 8725 2.1).
ALGORITHMS = ["RS256"]


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What the identity provider says of a person (contract 1.2)."""

    sub: str
    email: str
    given_name: str
    family_name: str
    nickname: str = ""
    locale: str = ""
    zoneinfo: str = ""
    picture: str = ""
    tenant_id: str = ""
    groups: tuple[str, ...] = field(default=())


def verify_access_token(token: str) -> dict[str, Any]:
    """The claims of a valid access token; raises Unauthorized where a fresh token would help, else Forbidden."""
    payload = _decode(token, audience=settings.OIDC_AUDIENCE)
    if jwt.get_unverified_header(token).get("typ", "").lower() != "at+jwt":
        # An ID token is meant for the client, not for us; refreshing would bring another one.
        raise Forbidden
    return payload


def verify_id_token(token: str) -> dict[str, Any]:
    """The claims of a valid ID token of one of our clients, for POST auth/login."""
    return _decode(token, audience=[settings.OIDC_FRONTEND_CLIENT_ID, settings.OIDC_DOCS_CLIENT_ID])


def _decode(token: str, *, audience: str | list[str]) -> dict[str, Any]:
    try:
        key_id = jwt.get_unverified_header(token).get("kid", "")
        payload: dict[str, Any] = jwt.decode(
            token,
            _key(key_id),
            algorithms=ALGORITHMS,
            audience=audience,
            issuer=settings.OIDC_ISSUER,
            leeway=settings.OIDC_LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise ExpiredToken from None
    except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
        raise Forbidden from None
    except jwt.InvalidTokenError:
        raise Unauthorized from None
    return payload


def _key(key_id: str) -> Any:
    key = embedded_keys(settings.OIDC_SIGNING_KEY).get(key_id)
    if key is None:
        raise jwt.InvalidKeyError("unknown kid")
    return key


@lru_cache(maxsize=4)
def embedded_keys(pem: str) -> dict[str, Any]:
    """Public keys of the embedded provider by key id (RFC 7638 thumbprint, as its JWKS has it)."""
    from oauth2_provider.utils import jwk_from_pem  # noqa: PLC0415 - needs the app registry

    jwk = jwk_from_pem(pem)
    return {jwk.thumbprint(): RSAAlgorithm.from_jwk(jwk.export_public())}


def read_claims(payload: dict[str, Any]) -> Claims:
    """The person in a verified token; raises InvalidClaims where something required is missing."""
    values = {name: payload.get(name) or "" for name in ("sub", "email", "given_name", "family_name")}
    email = values["email"]
    if not all(isinstance(value, str) for value in values.values()) or not values["sub"] or "@" not in email:
        raise InvalidClaims
    optional = ("nickname", "locale", "zoneinfo", "picture", "tenant_id")
    groups = payload.get("x_grp") or []
    if not isinstance(groups, list):
        raise InvalidClaims
    return Claims(
        **values | {"email": email.strip().lower()},
        **{name: str(payload.get(name) or "") for name in optional},
        groups=tuple(str(group)[:255] for group in groups),
    )
