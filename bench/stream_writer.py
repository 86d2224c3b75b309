"""A program beside the measured servers: makes people, prints their tokens, and writes for all of them when it is told.

For each line it reads, `site` or `bare`, it prints the time right before the commit.
"""

import json
import sys
import time
import uuid
from types import SimpleNamespace
from typing import Any

import django


def main(count: int) -> None:
    django.setup()
    # What needs Django's applications.
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from tests import factories  # noqa: PLC0415
    from tests.api import token  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    people = factories.users(*(f"person{number}" for number in range(count)))
    _say([token(person, lifetime=3600) for person in people])
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body text)")
    readers = frozenset(person.pk for person in people)
    for line in sys.stdin:
        _say(_write_bare() if line.strip() == "bare" else _write_activity(readers))


def _write_activity(readers: frozenset[uuid.UUID]) -> float:
    from django.db import transaction  # noqa: PLC0415

    from activity.actors import Actor  # noqa: PLC0415
    from activity.audiences import Circle  # noqa: PLC0415
    from activity.log import record  # noqa: PLC0415
    from activity.room_kinds import RoomDeleted  # noqa: PLC0415

    room: Any = SimpleNamespace(pk=uuid.uuid4(), _meta=SimpleNamespace(model_name="room"))
    with transaction.atomic():
        kind = RoomDeleted(title="Bench", owner_id="", has_password=False, waiting_room=False)
        record(kind, actor=Actor.by_job("bench"), subject=room, before=Circle(readers=readers))
        return time.monotonic()


def _write_bare() -> float:
    from django.db import connection, transaction  # noqa: PLC0415

    from bench.bare_stream import CHANNEL  # noqa: PLC0415

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO bare (body) VALUES ('x')")
        cursor.execute("SELECT pg_notify(%s, 'x')", [CHANNEL])
        return time.monotonic()


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
