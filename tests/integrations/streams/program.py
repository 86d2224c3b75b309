"""What other processes of the site do while streams are read: `python -m tests.integrations.streams.program WHAT …`."""

# ruff: noqa: E402 - models can be imported when the site is set up

import json
import random
import sys
import threading
import uuid
from types import SimpleNamespace
from typing import Any

import django

django.setup()

from django.db import connection, connections, transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.log import record
from activity.room_kinds import RoomDeleted
from tests import factories
from tests.api import token
from users.models import User
from users.services import end_sessions, update_account


def people(*names: str) -> dict[str, str]:
    """Their tokens."""
    return {user.first_name.lower(): token(user, lifetime=3600) for user in factories.users(*names)}


def write(text: str, *names: str) -> None:
    readers = frozenset(User.objects.filter(username__in=names).values_list("pk", flat=True))
    room: Any = SimpleNamespace(pk=uuid.uuid4(), _meta=SimpleNamespace(model_name="room"))
    with transaction.atomic():
        kind = RoomDeleted(title=text, owner_id="", has_password=False, waiting_room=False)
        record(kind, actor=Actor.by_job("test"), subject=room, before=Circle(readers=readers))


def write_many(writers: str, each: str, *names: str) -> list[str]:
    """What so many wrote at once; every third transaction was undone."""
    kept: list[str] = []

    def one(writer: int) -> None:
        dice = random.Random(writer)
        for number in range(int(each)):
            text, is_undone = f"{writer}-{number}", dice.random() < 1 / 3
            with transaction.atomic():
                write(text, *names)
                if connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [dice.random() / 100])
                transaction.set_rollback(is_undone)
            if not is_undone:
                kept.append(text)
        connections.close_all()

    threads = [threading.Thread(target=one, args=(writer,)) for writer in range(int(writers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return kept


def disable(name: str) -> None:
    update_account(user=User.objects.get(username=name), actor=Actor.by_job("test"), disabled_since=timezone.now())


def sign_out(name: str) -> None:
    end_sessions(user=User.objects.get(username=name), actor=Actor.by_job("test"))


def short_token(name: str) -> str:
    return token(User.objects.get(username=name), lifetime=3)


if __name__ == "__main__":
    commands: Any = {act.__name__: act for act in (people, write, write_many, disable, sign_out, short_token)}
    sys.stdout.write(json.dumps(commands[sys.argv[1]](*sys.argv[2:])))
