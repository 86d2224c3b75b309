"""Keys are shown once, stored encrypted, found by what a program sends, and replaced without a gap."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from database.encryption import Undecryptable
from integrations.deliveries.keys import (
    choose_key,
    create_key,
    ring_of,
    rotate_key,
    signing_values,
)
from integrations.deliveries.models import KeyRing, SigningKey

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 7, 9, 0, tzinfo=UTC)


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.objects.create()


def test_key_is_32_random_bytes_as_standard_webhooks_writes_them(ring: KeyRing) -> None:
    first, second = create_key(ring=ring), create_key(ring=ring)
    assert first != second
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32


def test_key_is_stored_encrypted(ring: KeyRing) -> None:
    value = create_key(ring=ring)
    row = SigningKey.objects.get()
    assert value not in (row.value, row.digest)
    assert signing_values(ring.pk) == [value]


def test_bearer_leads_to_its_ring(ring: KeyRing) -> None:
    value = create_key(ring=ring)
    create_key(ring=KeyRing.objects.create())
    assert ring_of(value) == ring
    assert ring_of(value + "x") is None
    assert ring_of("") is None


def test_old_key_signs_and_opens_until_it_ends(ring: KeyRing) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        old = create_key(ring=ring)
        clock.shift(1)
        new = rotate_key(ring=ring, keep_old_for=timedelta(hours=24))
        clock.move_to(NOW + timedelta(hours=24))
        assert signing_values(ring.pk) == [new, old]
        assert (ring_of(old), ring_of(new)) == (ring, ring)
        clock.shift(1)
        assert signing_values(ring.pk) == [new]
        assert ring_of(old) is None


def test_second_rotation_does_not_give_the_oldest_key_more_time(ring: KeyRing) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        oldest = create_key(ring=ring)
        rotate_key(ring=ring, keep_old_for=timedelta(hours=24))
        clock.shift(3600)
        rotate_key(ring=ring, keep_old_for=timedelta(hours=24))
        assert len(signing_values(ring.pk)) == 3
        clock.move_to(NOW + timedelta(hours=24))
        assert ring_of(oldest) is None


def test_rotation_without_overlap_ends_the_old_key_at_once(ring: KeyRing) -> None:
    old = create_key(ring=ring)
    new = rotate_key(ring=ring, keep_old_for=timedelta(0))
    assert signing_values(ring.pk) == [new]
    assert ring_of(old) is None


def test_chosen_secret_signs_and_opens_nothing(ring: KeyRing) -> None:
    other = KeyRing.objects.create()
    for each in (ring, other):
        choose_key(ring=each, value="hunter2")
    assert signing_values(ring.pk) == signing_values(other.pk) == ["hunter2"]
    assert ring_of("hunter2") is None
    choose_key(ring=ring, value="")
    assert signing_values(ring.pk) == []


def test_keys_outlive_the_key_that_encrypted_them(ring: KeyRing, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = ["a" * 32]
    old = create_key(ring=ring)
    settings.ENCRYPTION_KEYS = ["b" * 32, "a" * 32]
    new = create_key(ring=ring)
    assert set(signing_values(ring.pk)) == {old, new}
    settings.ENCRYPTION_KEYS = ["b" * 32]
    with pytest.raises(Undecryptable):
        signing_values(ring.pk)
