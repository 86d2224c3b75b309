"""The JWTs that the embedded provider issues. The API checks access tokens without a look into the database."""

import uuid
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.utils import jwk_from_pem
from oauthlib.common import Request

from users.models import User
from users.oidc.tokens import LOGOUT_EVENT

LOGOUT_TOKEN_SECONDS = 120  # the longest that the specification advises


def access_token(request: Request, refresh_token: bool = False) -> str:
    """An RS256 JWT after RFC 9068. Its `aud` differs from an ID token's, which no API may accept."""
    now = timezone.now()
    claims = {
        "iss": oauth2_settings.OIDC_ISS_ENDPOINT,
        "aud": settings.OIDC_AUDIENCE[0],
        "azp": request.client.client_id,
        "iat": now,
        "exp": now + timedelta(seconds=request.expires_in),
        # Also keeps two tokens of one second apart: the database stores each only once.
        "jti": str(uuid.uuid4()),
        "scope": " ".join(request.scopes or []),
    }
    claims |= _service_claims(request) if request.grant_type == "client_credentials" else person_claims(request.user)
    return _signed(claims, typ="at+jwt")


def refresh_token(request: Request) -> str:
    """The frontend reads its `exp`, we find it by its hash. The published key would make it pass as an access token."""
    lifetime = request.expires_in + oauth2_settings.REFRESH_TOKEN_EXPIRE_SECONDS
    claims = {"exp": timezone.now() + timedelta(seconds=lifetime), "jti": str(uuid.uuid4())}
    return jwt.encode(claims, salted_hmac("users.provider.refresh_token", "", algorithm="sha256").digest(), "HS256")


def logout_token(*, client_id: str, sub: str, sid: str, ended_at: int) -> str:
    """Says that a session ended, without `sid` all of the person's (OpenID Connect Back-Channel Logout 2.4)."""
    claims = {
        "iss": oauth2_settings.OIDC_ISS_ENDPOINT,
        "aud": client_id,
        # The time of the logout, however late it is told: the client need not end what began after it.
        "iat": ended_at,
        "exp": timezone.now() + timedelta(seconds=LOGOUT_TOKEN_SECONDS),
        "jti": str(uuid.uuid4()),
        "events": {LOGOUT_EVENT: {}},
        "sub": sub,
    }
    return _signed(claims | ({"sid": sid} if sid else {}), typ="logout+jwt")


def subject(user: User) -> str:
    """`sub`: what the account was known by at an earlier issuer, else its own id."""
    return user.oidc_sub or str(user.pk)


def person_claims(user: User) -> dict[str, Any]:
    """What tokens say of a person."""
    claims = {
        "sub": subject(user),
        "email": user.email,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "name": str(user),
        "preferred_username": user.username,
        "tenant_id": user.tenant.external_id,
        "locale": user.language,
        "zoneinfo": user.time_zone,
    }
    return {name: value for name, value in claims.items() if value or name not in {"locale", "zoneinfo"}}


def _service_claims(request: Request) -> dict[str, Any]:
    return {"sub": request.client.client_id, "realm_access": {"roles": request.client.roles}}


def _signed(claims: dict[str, Any], *, typ: str) -> str:
    pem = oauth2_settings.OIDC_RSA_PRIVATE_KEY
    return jwt.encode(claims, _private_key(pem), "RS256", {"typ": typ, "kid": jwk_from_pem(pem).thumbprint()})


@cache
def _private_key(pem: str) -> Any:
    """Reading a PEM takes longer than signing with it."""
    return load_pem_private_key(pem.encode(), password=None)
