"""Delete a room with the meetings in it."""

from django.db import transaction

from activity.actors import Actor
from events.services.events import delete_event
from rooms.models import Room
from rooms.services import delete_room


@transaction.atomic
def delete_room_and_events(*, room: Room, actor: Actor, suppress_mail: bool = False) -> None:
    """Cancels every part of the room's meeting, and deletes the room with everything in it.

    Raises NotFound where the change before was its deletion.
    """
    # A part goes before the one that continues it: two parts of one room may not both be the last.
    parts = list(room.events.order_by("starts_at"))
    for event in parts:
        delete_event(event=event, actor=actor, suppress_mail=suppress_mail)  # the last one takes the room with it
    if not parts:
        delete_room(room=room, actor=actor)
