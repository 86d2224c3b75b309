"""Which rooms somebody reaches: his own, and those of the events he is invited to."""

import uuid

from django.db.models import Q

from rest.errors import Forbidden
from rooms.models import Room
from users.models import User


def readable(user: User, room_id: uuid.UUID) -> Room:
    """The room for its creator and for invitees, whatever they answered; the same 403 for all others (contract 1.3)."""
    rooms = Room.objects.filter(pk=room_id, tenant_id=user.tenant_id, created_by__disabled_since=None)
    room = rooms.select_related("created_by").filter(Q(created_by=user) | Q(events__invites__invitee=user)).first()
    if room is None:
        raise Forbidden
    return room


def writable(user: User, room_id: uuid.UUID) -> Room:
    """The room for its creator."""
    room = Room.objects.select_related("created_by").filter(pk=room_id, created_by=user).first()
    if room is None:
        raise Forbidden
    return room
