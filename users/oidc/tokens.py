"""Checks tokens without asking the issuer: signature, issuer, audience and lifetime.

On 401 the frontend fetches a new token and repeats the request at once. So 401 is only for tokens that a new one can
replace; a valid token that is refused, such as one of another issuer or audience, gets 403.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import Any

import jwt
from django.conf import settings

from rest.errors import BadRequest, ExpiredToken, Forbidden, Unauthorized
from users.oidc.issuer import issuer
from users.oidc.keys import Key, from_pems

LONGEST_TOKEN = 16_384
# Each takes about 2 kB.
MOST_CHECKED_TOKENS = 5_000
# As long as the key document is cached (users.oidc.issuer.KEYS_SECONDS): then the key may have been withdrawn.
LONGEST_TRUST_SECONDS = 600
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class InvalidIdToken(Unauthorized):
    error_description = "The provided id token is invalid"


@dataclass(slots=True)
class CheckedToken:
    """The payload of a valid token. `tenant` is the external id, set after the first lookup of the person.

    `good_until` is in seconds since 1970.
    """

    payload: dict[str, Any]
    good_until: float
    tenant: str | None = None


_checked: dict[bytes, CheckedToken] = {}
_lock = threading.Lock()


def check_access_token(token: str) -> CheckedToken:
    """Checks an access token. Raises Unauthorized, Forbidden, ServiceUnavailable.

    The result is cached by the token's hash, so a token that is sent again costs one hash.
    """
    name = hashlib.sha256(token.encode()).digest()
    known = _checked.get(name)
    now = time.time()
    if known is not None and now < known.good_until:
        return known
    payload, header = _verify(token)
    _check_is_for_us(payload, header)
    good_until = min(payload["exp"] + settings.OIDC_LEEWAY_SECONDS, now + LONGEST_TRUST_SECONDS)
    checked = CheckedToken(payload, good_until, known.tenant if known else None)
    with _lock:
        _checked[name] = checked
        if len(_checked) > MOST_CHECKED_TOKENS:
            del _checked[next(iter(_checked))]
    return checked


def subjects_of(payload: dict[str, Any]) -> set[str]:
    """The subjects that a logout token signs out.

    If it names only a session, the subjects of the tokens of this session that this process has cached.
    """
    if isinstance(payload.get("sub"), str):
        return {payload["sub"]}
    with _lock:
        return {known.payload["sub"] for known in _checked.values() if known.payload.get("sid") == payload["sid"]}


def forget() -> None:
    """Clears the cache; for tests."""
    _checked.clear()


def verify_id_token(token: str) -> dict[str, Any]:
    """The claims of an ID token for one of our clients. Raises InvalidIdToken, Forbidden, ServiceUnavailable."""
    try:
        payload, _header = _verify(token)
    except Unauthorized:
        raise InvalidIdToken from None
    if not _audiences(payload) & set(settings.OIDC_CLIENT_IDS):
        raise Forbidden
    return payload


def verify_own_id_token(token: str, *, client_id: str) -> dict[str, Any]:
    """The claims of an ID token for this one client, as which the site itself asked (OpenID Connect Core 3.1.3.7).

    Raises Unauthorized, Forbidden, ServiceUnavailable.
    """
    payload, _header = _verify(token)
    # Where the token is for several, `azp` is the one that asked for it.
    if client_id not in _audiences(payload) or payload.get("azp", client_id) != client_id:
        raise Forbidden
    return payload


def verify_logout_token(token: str) -> dict[str, Any]:
    """The claims of a logout token (OpenID Connect Back-Channel Logout 2.6). Raises BadRequest if it is invalid."""
    try:
        payload, _header = _verify(token, required=("iat", "iss", "aud", "jti", "events"))
    except (Unauthorized, Forbidden):
        raise BadRequest("The logout token is invalid") from None
    events = payload["events"]
    is_logout = isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict)
    names_somebody = any(isinstance(payload.get(name), str) for name in ("sub", "sid"))
    is_for_us = bool(_audiences(payload) & {*settings.OIDC_CLIENT_IDS, settings.STAFF_OIDC_CLIENT_ID} - {""})
    if not (is_logout and names_somebody and is_for_us) or "nonce" in payload:
        raise BadRequest("The logout token is invalid")
    return payload


def _verify(
    token: str, required: tuple[str, ...] = ("exp", "iat", "iss", "sub")
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims and header of a token that our issuer signed."""
    if len(token) > LONGEST_TOKEN:
        raise Unauthorized
    try:
        key = _key(jwt.get_unverified_header(token).get("kid", ""))
        parts = jwt.decode_complete(
            token,
            key.public,
            algorithms=key.algorithms,
            issuer=settings.OIDC_ISSUER if settings.OIDC_IS_EMBEDDED else issuer().name,
            leeway=settings.OIDC_LEEWAY_SECONDS,
            # `iat` may be in the future if the issuer's clock is ahead of ours.
            options={"require": list(required), "verify_aud": False, "verify_iat": False},
        )
    except jwt.ExpiredSignatureError:
        raise ExpiredToken from None
    except jwt.InvalidIssuerError:
        raise Forbidden from None
    except jwt.PyJWTError:
        raise Unauthorized from None
    payload: dict[str, Any] = parts["payload"]
    if not all(_is_number(payload[name]) for name in ("exp", "iat") if name in payload):
        raise Unauthorized
    return payload, parts["header"]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 253402300800  # year 10000


def _key(key_id: str) -> Key:
    if settings.OIDC_IS_EMBEDDED:
        key = from_pems(settings.OIDC_SIGNING_KEY, *settings.OIDC_SIGNING_KEYS_INACTIVE).get(key_id)
    else:
        key = issuer().key(key_id)
    if key is None:
        raise jwt.InvalidTokenError("unknown key id")
    return key


def _audiences(payload: dict[str, Any]) -> set[str]:
    audience = payload.get("aud")
    values = audience if isinstance(audience, list) else [audience]
    return {value for value in values if isinstance(value, str)}


def _check_is_for_us(payload: dict[str, Any], header: dict[str, Any]) -> None:
    """Raises Forbidden for tokens with another audience and for ID tokens, which are not meant for APIs."""
    is_for_us = bool(_audiences(payload) & set(settings.OIDC_AUDIENCE))
    is_access_token = str(header.get("typ", "")).lower() in {"at+jwt", "application/at+jwt"}
    if not settings.OIDC_IS_EMBEDDED:
        # Keycloak: `aud` is "account" or absent, `azp` is our client, and `typ` is a claim instead of a header.
        is_for_us |= payload.get("azp") in settings.OIDC_CLIENT_IDS
        is_access_token |= _looks_like_access_token(payload)
    if not (is_for_us and is_access_token):
        raise Forbidden


def _looks_like_access_token(payload: dict[str, Any]) -> bool:
    """For issuers that do not follow RFC 9068. Access tokens of older Keycloaks contain a nonce, as ID tokens do."""
    if "typ" in payload:
        return bool(payload["typ"] == "Bearer")
    is_for_its_client = payload.get("azp") in list(_audiences(payload) - set(settings.OIDC_AUDIENCE))
    return not is_for_its_client and not {"at_hash", "c_hash", "nonce", "events"} & set(payload)
