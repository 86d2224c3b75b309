"""Addresses, to which people are invited before they have an account."""

import hashlib
import uuid

from django.db import connection


def hold_address(tenant_id: uuid.UUID, email: str) -> None:
    """Holds an address until the transaction ends; call it before its account or its invitations are looked for.

    There may be no row yet that could be locked. SQLite has one writer at a time.
    """
    if connection.vendor == "postgresql":
        digest = hashlib.sha256(f"{tenant_id} {email}".encode()).digest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
