"""What modules need of the outside: settings, other apps, files, other servers. A file per namespace that needs any.

`about(room: rooms.models.Room)` returns what `room.info.about["<namespace>"]` holds, None for nothing. It is read when
a session opens and whenever somebody joins: one or two statements, no other server.

`<function>(*, room_id, **arguments)` returns a dict for each `Ask("<function>", {...})` of the module: after the
commit, without a lock, in a thread that may wait. It raises Failed with the code that the module will see.
"""

import importlib
import logging
import pkgutil
import uuid
from functools import cache
from typing import Any

from rooms.models import Room
from signaling.effects import Answered, Ask

logger = logging.getLogger(__name__)


class Failed(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def done(room_id: uuid.UUID, namespace: str, asked: Ask) -> Answered:
    """Never raises: the module hears of every end."""
    try:
        function: Any = getattr(_sources()[namespace], asked.work)
        return Answered(asked.work, asked.arguments, result=function(room_id=room_id, **asked.arguments))
    except Failed as failed:
        return Answered(asked.work, asked.arguments, error=failed.code)
    except Exception:
        logger.exception("%s.%s failed", namespace, asked.work)
        return Answered(asked.work, asked.arguments, error="internal")


def about(room: Room) -> dict[str, dict[str, Any]]:
    said = {name: source.about(room) for name, source in _sources().items() if hasattr(source, "about")}
    return {name: facts for name, facts in said.items() if facts is not None}


@cache
def _sources() -> dict[str, Any]:
    return {found.name: importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)}
