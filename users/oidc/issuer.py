"""Requests to the issuer of OIDC_ISSUER: its metadata, its keys, tokens for a code, a person's user information.

Metadata and keys are cached and renewed. While a renewal is slow or fails, tokens are checked with the cached keys.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from outgoing import http
from outgoing.http import OutgoingError
from rest.errors import Forbidden, ServiceUnavailable
from users.oidc.keys import Key, from_jwks

logger = logging.getLogger(__name__)

# A key that the issuer has withdrawn is accepted for at most this time.
KEYS_SECONDS = 600
METADATA_SECONDS = 3600
# Between two fetches, also if tokens have unknown key ids: anybody can send such tokens.
PAUSE_SECONDS = 5
# How long a request waits for the fetch of another thread if there is a cached value.
PATIENCE_SECONDS = 1
MAX_DOCUMENT_BYTES = 256_000


T = TypeVar("T")


class Kept(Generic[T]):
    """A cached document of another server: fetched on first use, renewed by age, and kept if renewing fails."""

    def __init__(self, fetch: Callable[[], T], max_age_seconds: float) -> None:
        self._fetch = fetch
        self._max_age = max_age_seconds
        self._lock = threading.Lock()
        self._value: T | None = None
        self._fetched_at = self._tried_at = float("-inf")

    @property
    def is_failing(self) -> bool:
        """Whether the last fetch failed."""
        return self._tried_at > self._fetched_at

    def get(self, *, anew: bool = False) -> T:
        """The value; with `anew` not older than PAUSE_SECONDS. Raises ServiceUnavailable if there is none."""
        if self._is_due(anew):
            self._renew(anew)
        if self._value is None:
            raise ServiceUnavailable
        return self._value

    def _is_due(self, anew: bool) -> bool:
        now = time.monotonic()
        is_old = self._value is None or anew or now - self._fetched_at > self._max_age
        return is_old and now - self._tried_at > PAUSE_SECONDS

    def _renew(self, anew: bool) -> None:
        patience = -1 if self._value is None else PATIENCE_SECONDS if anew else 0
        if not self._lock.acquire(timeout=patience):
            return
        try:
            if self._is_due(anew):  # another thread may have fetched it meanwhile
                self._try()
        finally:
            self._lock.release()

    def _try(self) -> None:
        try:
            self._value = self._fetch()
        except OutgoingError as error:
            logger.warning("The identity provider does not answer as it should: %s", error)
            self._tried_at = time.monotonic()
        else:
            self._fetched_at = self._tried_at = time.monotonic()


class Issuer:
    def __init__(self, name: str, discovery_url: str) -> None:
        self._name = name
        self._discovery_url = discovery_url
        self._metadata = Kept(self._fetch_metadata, METADATA_SECONDS)
        self._keys = Kept(self._fetch_keys, KEYS_SECONDS)

    @property
    def name(self) -> str:
        """The `iss` of its tokens, spelled as in its metadata."""
        return str(self._metadata.get()["issuer"])

    @property
    def has_userinfo(self) -> bool:
        return "userinfo_endpoint" in self._metadata.get()

    def says(self, name: str) -> Any:
        """A member of its metadata; None where there is none. Raises ServiceUnavailable."""
        return self._metadata.get().get(name)

    def endpoint(self, name: str) -> str:
        """Raises ServiceUnavailable, also where it has none."""
        try:
            return _endpoint(self._metadata.get(), name)
        except OutgoingError as error:
            logger.warning("The identity provider cannot be used for this: %s", error)
            raise ServiceUnavailable from None

    def tokens(self, form: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
        """What the token endpoint answers, an error too (RFC 6749 5). Raises ServiceUnavailable."""
        try:
            answer = _ask("POST", self.endpoint("token_endpoint"), headers | {"Accept": "application/json"}, form)
            given = answer.json() if answer.status in {400, 401} else answer.json_object()
            return given if isinstance(given, dict) else {}
        except OutgoingError as error:
            logger.warning("The identity provider's token endpoint does not answer as it should: %s", error)
            raise ServiceUnavailable from None

    def key(self, key_id: str) -> Key | None:
        """The key with this id; None if the issuer has no such key. Raises ServiceUnavailable if it cannot be asked."""
        key = _choose(self._keys.get(), key_id) or _choose(self._keys.get(anew=True), key_id)
        if key is None and self._keys.is_failing:
            raise ServiceUnavailable
        return key

    def userinfo(self, token: str, *, sub: str) -> dict[str, Any]:
        """The user information of the token's owner. Raises Forbidden if the issuer refuses the token, and
        ServiceUnavailable.
        """
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        try:
            answer = _ask("GET", _endpoint(self._metadata.get(), "userinfo_endpoint"), headers)
            # Not 401: signature and lifetime are valid, so a new token would be refused, too.
            if answer.status in {401, 403}:
                raise Forbidden
            person = answer.json_object()
            # Otherwise the caller would be signed in as another person (OpenID Connect Core 5.3.2).
            if person.get("sub") != sub:
                raise OutgoingError("the user information is of somebody else")
            return person
        except OutgoingError as error:
            logger.warning("The identity provider's user information is not available: %s", error)
            raise ServiceUnavailable from None

    def _fetch_metadata(self) -> dict[str, Any]:
        metadata = _ask("GET", self._discovery_url).json_object()
        # OpenID Connect Discovery 4.3: prevents that a provider publishes metadata for another issuer.
        if str(metadata.get("issuer")).rstrip("/") != self._name.rstrip("/"):
            raise OutgoingError(f"the discovery document is of the issuer {metadata.get('issuer')!r}")
        _endpoint(metadata, "jwks_uri")
        return metadata

    def _fetch_keys(self) -> dict[str, Key]:
        keys = from_jwks(_ask("GET", _endpoint(self._metadata.get(), "jwks_uri")).json_object())
        if not keys:
            raise OutgoingError("the key document holds no usable key")
        return keys


def issuer() -> Issuer:
    return _issuer(settings.OIDC_ISSUER, settings.OIDC_DISCOVERY_URL)


def forget() -> None:
    """Clears the cache, as a restart does; for tests."""
    _issuer.cache_clear()


@lru_cache(maxsize=2)
def _issuer(name: str, discovery_url: str) -> Issuer:
    return Issuer(name, discovery_url)


def _choose(keys: dict[str, Key], key_id: str) -> Key | None:
    """The key with this id, or the only key if the token has no id."""
    return keys.get(key_id) or (next(iter(keys.values())) if not key_id and len(keys) == 1 else None)


def _endpoint(metadata: dict[str, Any], name: str) -> str:
    url = str(metadata.get(name) or "")
    schemes = {"https"} if settings.OIDC_ISSUER.startswith("https:") else {"https", "http"}
    try:
        is_usable = urlsplit(url).scheme in schemes
    except ValueError:
        is_usable = False
    if not is_usable:
        raise OutgoingError(f"the discovery document has no usable {name}")
    return url


def _ask(
    method: str, url: str, headers: dict[str, str] | None = None, form: dict[str, str] | None = None
) -> http.Answer:
    return http.request(
        method,
        url,
        headers=headers,
        form=form,
        deadline_seconds=settings.OIDC_TIMEOUT_SECONDS,
        max_bytes=MAX_DOCUMENT_BYTES,
        is_trusted=True,
    )
