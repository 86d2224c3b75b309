"""A new PIN for a room's dial-in."""

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from events.access import held_in
from events.services.events import announce_change, locked
from rooms import services as rooms
from rooms.models import Room


@transaction.atomic
def renew_pin(*, room: Room, actor: Actor, suppress_mail: bool = False) -> None:
    """Replaces the PIN, which the people of the room's meetings have in their calendars. Raises NotFound."""
    events = [locked(event) for event in held_in(room, timezone.now()).order_by("pk")]
    config = rooms.renew_pin(room=room, actor=actor)
    for event in events:
        event.room.sip_config = config
    announce_change(events, actor, {"dial_in_pin": (True, True)}, suppress_mail=suppress_mail)
