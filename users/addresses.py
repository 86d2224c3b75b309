"""Addresses, to which people are invited before they have an account."""

import hashlib
import uuid
from collections.abc import Iterable

from django.db import connection


def hold_address(tenant_id: uuid.UUID, email: str) -> None:
    """Holds an address until the transaction ends; call it before its account or its invitations are looked for.

    There may be no row yet that could be locked. SQLite has one writer at a time.
    """
    hold_addresses(tenant_id, [email])


def hold_addresses(tenant_id: uuid.UUID | None, emails: Iterable[str]) -> None:
    """Several at once, always in the same order, so that two do not wait for each other in a ring."""
    if connection.vendor == "postgresql":
        digests = (hashlib.sha256(f"{tenant_id} {email}".encode()).digest() for email in emails)
        keys = sorted({int.from_bytes(digest[:8], signed=True) for digest in digests})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])
