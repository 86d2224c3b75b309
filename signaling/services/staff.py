"""What staff do to a live meeting, in the transaction of their page, which settles what follows after its commit."""

import uuid
from functools import partial

from activity.actors import Actor
from signaling import steps
from signaling.effects import STAFF
from signaling.room import Participant
from signaling.services.sessions import Taken, take_step


def end_meeting(*, room_id: uuid.UUID, actor: Actor) -> Taken:
    """Everybody is out. Where no meeting is live, nothing happens."""
    return take_step(room_id=room_id, act=steps.end, actor=actor)


def remove_person(*, room_id: uuid.UUID, participant_id: uuid.UUID, actor: Actor) -> Taken:
    """As a moderator's kick: whoever may enter can come back. Somebody who is gone stays so."""

    def is_meant(person: Participant) -> bool:
        return person.id == participant_id

    return take_step(room_id=room_id, act=partial(steps.expel, is_meant=is_meant, by=STAFF), actor=actor)
