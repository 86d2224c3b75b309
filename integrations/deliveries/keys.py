"""Keys that sign what we send, and by which a program of their owner is known. Only their encrypted form is stored."""

import base64
import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from database.encryption import Undecryptable, decrypted, encrypted
from integrations.deliveries.models import KeyRing, SigningKey

PREFIX = "whsec_"  # Standard Webhooks: what follows is base64 of the key
KEEP_OLD_FOR = timedelta(hours=24)
PURPOSE = "signing keys"


@transaction.atomic
def create_key(*, ring: KeyRing) -> str:
    """A new key beside those that there are, returned this once: `whsec_` and the base64 of 32 random bytes."""
    value = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    SigningKey.objects.create(ring=ring, value=_encrypted(value), digest=_digest(value))
    return value


@transaction.atomic
def choose_key(*, ring: KeyRing, value: str) -> None:
    """A secret that the ring's owner brings along: it signs from now on, alone, and opens nothing. "" is none."""
    _end_others(ring, timedelta(0))
    if value:
        SigningKey.objects.create(ring=ring, value=_encrypted(value))


@transaction.atomic
def rotate_key(*, ring: KeyRing, keep_old_for: timedelta = KEEP_OLD_FOR) -> str:
    """A new key, returned this once; the others sign and open for `keep_old_for`, or for what they have left."""
    _end_others(ring, keep_old_for)
    return create_key(ring=ring)


def _end_others(ring: KeyRing, keep_for: timedelta) -> None:
    """Under the ring's lock: of two rotations at once the second one ends the first one's key."""
    KeyRing.objects.select_for_update().get(pk=ring.pk)
    ends_at = timezone.now() + keep_for
    ring.keys.filter(Q(expires_at=None) | Q(expires_at__gt=ends_at)).update(expires_at=ends_at)


def ring_of(bearer: str) -> KeyRing | None:
    """Whose valid key that is; None for a wrong or expired one."""
    key = valid_keys().filter(digest=_digest(bearer)).select_related("ring").first()
    return key.ring if key else None


def valid_keys() -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def signing_values(ring_id: uuid.UUID) -> list[str]:
    """All that are valid now, the newest first. Raises Undecryptable."""
    return [_decrypted(key.value) for key in valid_keys().filter(ring_id=ring_id)]


def newest_values(ring_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """By ring, in one statement; a ring without a valid key, or whose key cannot be read any more, is left out."""
    found: dict[uuid.UUID, str] = {}
    for key in valid_keys().filter(ring_id__in=list(ring_ids)).order_by("created_at", "id"):
        try:
            found[key.ring_id] = _decrypted(key.value)
        except Undecryptable:
            found.pop(key.ring_id, None)
    return found


def delete_expired(before: datetime) -> int:
    """Those that nobody will ask for; returns how many."""
    return SigningKey.objects.filter(expires_at__lt=before).delete()[0]


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _encrypted(value: str) -> str:
    return encrypted(value, purpose=PURPOSE)


def _decrypted(value: str) -> str:
    return decrypted(value, purpose=PURPOSE)
