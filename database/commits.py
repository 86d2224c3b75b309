"""How safely the running transaction is committed."""

from django.db import connection


def do_not_wait_for_disk() -> None:
    """The commit returns before PostgreSQL has written it. A crash of the server may lose it, and nothing before it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")
