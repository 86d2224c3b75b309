"""This site's own live meeting, with people in it whose sockets nobody needs."""

import uuid

from django.utils import timezone

from rooms.models import Room
from signaling.models import RoomSession
from signaling.services.about import open_session
from users.models import User


def join(user: User | None, room: Room, *, name: str = "Alice", kind: str = "user") -> uuid.UUID:
    """The participant's id."""
    now = timezone.now()
    session = RoomSession.objects.filter(room=room, ended_at=None).first() or open_session(room, now)
    session.started_at = session.started_at or now
    session.save()
    person = session.participants.create(
        participant_id=uuid.uuid4(), kind=kind, role="user", where="joined", display_name=name,
        user_id=user.pk if user else None, joined_at=now, connection=uuid.uuid4(), process=uuid.uuid4(), step=1,
    )  # fmt: skip
    return person.participant_id
