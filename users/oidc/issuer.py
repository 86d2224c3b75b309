"""The issuer that OIDC_ISSUER names, over HTTP: its metadata, its keys, what it says of a person.

What it said is kept: no request waits for it while it answers, and its failure stops nobody whose key is known.
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

# A key that the issuer withdrew is believed for so long at most.
KEYS_SECONDS = 600
METADATA_SECONDS = 3600
# Between two tries, also for key ids that nobody knows: anybody can invent those.
PAUSE_SECONDS = 5
# How long a request waits for another one's fetch when it could be answered without.
PATIENCE_SECONDS = 1
MAX_DOCUMENT_BYTES = 256_000


T = TypeVar("T")


class Kept(Generic[T]):
    """A document of another server: fetched when first needed, renewed when old, kept where renewing fails."""

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
        """The value; `anew`: one that was fetched PAUSE_SECONDS ago at most. Raises ServiceUnavailable."""
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
            if self._is_due(anew):  # no other thread did it meanwhile
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
        """What tokens have in `iss`, as the issuer itself writes it."""
        return str(self._metadata.get()["issuer"])

    @property
    def has_userinfo(self) -> bool:
        return "userinfo_endpoint" in self._metadata.get()

    def key(self, key_id: str) -> Key | None:
        """None for an id that the issuer does not publish. Raises ServiceUnavailable where that cannot be known."""
        key = _choose(self._keys.get(), key_id) or _choose(self._keys.get(anew=True), key_id)
        if key is None and self._keys.is_failing:
            raise ServiceUnavailable
        return key

    def userinfo(self, token: str, *, sub: str) -> dict[str, Any]:
        """What it says of the token's owner. Raises Forbidden where it refuses the token, ServiceUnavailable."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        try:
            answer = _get(_endpoint(self._metadata.get(), "userinfo_endpoint"), headers)
            # The token's signature and age are right: a fresh one would be refused as well, so this is no 401.
            if answer.status in {401, 403}:
                raise Forbidden
            person = answer.json_object()
            # Of somebody else, it would sign the caller in as that one (OpenID Connect Core 5.3.2).
            if person.get("sub") != sub:
                raise OutgoingError("the user information is of somebody else")
            return person
        except OutgoingError as error:
            logger.warning("The identity provider's user information is not available: %s", error)
            raise ServiceUnavailable from None

    def _fetch_metadata(self) -> dict[str, Any]:
        metadata = _get(self._discovery_url).json_object()
        # Otherwise one provider could pass off another one's keys as its own (OpenID Connect Discovery 4.3).
        if str(metadata.get("issuer")).rstrip("/") != self._name.rstrip("/"):
            raise OutgoingError(f"the discovery document is of the issuer {metadata.get('issuer')!r}")
        _endpoint(metadata, "jwks_uri")
        return metadata

    def _fetch_keys(self) -> dict[str, Key]:
        keys = from_jwks(_get(_endpoint(self._metadata.get(), "jwks_uri")).json_object())
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
    """Providers with a single key may leave its id out."""
    return keys.get(key_id) or (next(iter(keys.values())) if not key_id and len(keys) == 1 else None)


def _endpoint(metadata: dict[str, Any], name: str) -> str:
    url = str(metadata.get(name) or "")
    is_downgrade = settings.OIDC_ISSUER.startswith("https:") and urlsplit(url).scheme != "https"
    if not url or is_downgrade:
        raise OutgoingError(f"the discovery document has no usable {name}")
    return url


def _get(url: str, headers: dict[str, str] | None = None) -> http.Answer:
    return http.request(
        "GET",
        url,
        headers=headers,
        deadline_seconds=settings.OIDC_TIMEOUT_SECONDS,
        max_bytes=MAX_DOCUMENT_BYTES,
        is_trusted=True,
    )
