"""Signs people in at the issuer of OIDC_ISSUER, whose client this site is: the authorization code flow.

RFC 6749 4.1 with PKCE (RFC 7636), the answer's `iss` (RFC 9207) and a nonce (OpenID Connect Core 3.1.2).
"""

import base64
import hashlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from django.conf import settings
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language

from rest.errors import ApiError, ServiceUnavailable
from users.oidc import person
from users.oidc.claims import id_of, known_as
from users.oidc.issuer import issuer
from users.oidc.tokens import verify_own_id_token

logger = logging.getLogger(__name__)

# The address is there for the log and the page alone: who has no account here is named by it.
SCOPE = "openid email"


class Refused(Exception):
    """Nobody is signed in. `reason` is denied, failed or unavailable; `why` is for the log."""

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        if why:
            logger.warning("A sign-in by the identity provider failed: %s", why)


@dataclass(frozen=True)
class Attempt:
    """What ties the answer to the browser that began: neither is told to anybody but the issuer."""

    nonce: str
    verifier: str


@dataclass(frozen=True)
class Arrival:
    """Who came back: what the ID token says. `name` is for people to read; `issued_at` is in seconds since 1970."""

    id_token: str
    sub: str
    tenant: str
    name: str
    issued_at: float
    acr: Any


def new_attempt() -> Attempt:
    return Attempt(nonce=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(32))


def address(attempt: Attempt, *, state: str, return_to: str, is_anew: bool = False) -> str:
    """Where the browser goes; with `is_anew` the issuer asks who it is, whoever is signed in there. Raises Refused."""
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": settings.STAFF_OIDC_CLIENT_ID,
        "redirect_uri": return_to,
        "scope": SCOPE,
        "state": state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "ui_locales": get_language() or "",
        "acr_values": " ".join(settings.STAFF_OIDC_ACR_VALUES),
        "prompt": "login" if is_anew else "",
    }
    try:
        return _with(issuer().endpoint("authorization_endpoint"), query)
    except ServiceUnavailable:
        raise Refused("unavailable") from None


def sign_out_address(id_token: str, *, return_to: str) -> str:
    """Where the browser signs out there (OpenID Connect RP-Initiated Logout 1.0); "" where it has no page for that."""
    query = {
        "id_token_hint": id_token,
        "client_id": settings.STAFF_OIDC_CLIENT_ID,
        "post_logout_redirect_uri": return_to,
    }
    try:
        if not issuer().says("end_session_endpoint"):
            return ""
        return _with(issuer().endpoint("end_session_endpoint"), query)
    except ServiceUnavailable:
        return ""


def arrival(answer: Mapping[str, str], attempt: Attempt, *, return_to: str) -> Arrival:
    """Who comes back with this answer. Raises Refused."""
    try:
        _check(answer)
        token = _id_token(answer["code"], attempt, return_to)
        claims = verify_own_id_token(token, client_id=settings.STAFF_OIDC_CLIENT_ID)
        found = Arrival(
            id_token=token,
            sub=id_of(claims, "sub"),
            tenant=person.tenant_of(claims),
            name=known_as(claims),
            issued_at=claims["iat"],
            acr=claims.get("acr"),
        )
    except ServiceUnavailable:
        raise Refused("unavailable") from None
    except ApiError as error:
        raise Refused("failed", f"its ID token cannot be used: {type(error).__name__}: {error}") from None
    if not constant_time_compare(str(claims.get("nonce", "")), attempt.nonce):
        raise Refused("failed", "the ID token is of another sign-in")
    return found


def is_strong(found: Arrival) -> bool:
    """Whether the issuer asked for as much as STAFF_OIDC_ACR_VALUES wants; what it is asked for it may leave out."""
    return not settings.STAFF_OIDC_ACR_VALUES or found.acr in settings.STAFF_OIDC_ACR_VALUES


def _check(answer: Mapping[str, str]) -> None:
    known, sender = issuer(), answer.get("iss")
    # Else the code of one issuer could be taken to another's token endpoint (RFC 9207 2.4).
    if sender is None and known.says("authorization_response_iss_parameter_supported"):
        raise Refused("failed", "the answer does not tell its issuer")
    if sender is not None and sender != known.name:
        raise Refused("failed", f"the answer is of the issuer {sender[:255]!r}")
    error = answer.get("error", "")
    if error:
        raise Refused("denied" if error == "access_denied" else "failed", f"the provider's error is {error[:255]!r}")
    if not answer.get("code"):
        raise Refused("failed", "the answer has neither code nor error")


def _id_token(code: str, attempt: Attempt, return_to: str) -> str:
    """What the code is worth at the token endpoint."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_to,
        "code_verifier": attempt.verifier,
    }
    name, secret = settings.STAFF_OIDC_CLIENT_ID, settings.STAFF_OIDC_CLIENT_SECRET
    headers = {}
    # What a client uses that was told nothing (OpenID Connect Discovery 3).
    if "client_secret_basic" in (issuer().says("token_endpoint_auth_methods_supported") or ["client_secret_basic"]):
        # Both are encoded before they are joined (RFC 6749 2.3.1).
        joined = f"{quote_plus(name)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(joined.encode()).decode()}"
    else:
        form |= {"client_id": name, "client_secret": secret}
    given = issuer().tokens(form, headers)
    token = given.get("id_token")
    if not isinstance(token, str):
        raise Refused("failed", f"the token endpoint gives no ID token: {str(given.get('error'))[:255]!r}")
    return token


def _with(endpoint: str, query: dict[str, str]) -> str:
    """An endpoint may have a query of its own (RFC 6749 3.1)."""
    given = {name: value for name, value in query.items() if value}
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(given)}"
