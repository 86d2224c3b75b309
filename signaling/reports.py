"""Reports as files of the room, which modules ask for: who asked, and what they hear of it."""

from collections.abc import Iterator
from typing import Any

from signaling.effects import Answered, Effect, error, send
from signaling.room import Participant, Room


def asker(who: Participant) -> dict[str, Any]:
    """The argument of this name, by which the work knows in whose name and language it writes."""
    return {"participant_id": who.id, "user_id": who.user_id, "display_name": who.display_name}


def told(room: Room, event: Answered, *, failure: str = "internal", **more: Any) -> Iterator[Effect]:
    """The file, or why there is none, to who asked for it and is still here; `failure` is the code of a bug."""
    who = room.find(event.arguments["asker"]["participant_id"])
    if who is None:
        return
    if event.result is None:
        yield error(who, failure if event.error == "internal" else event.error)
    else:
        yield send(who, "pdf_asset", **more, **event.result)
