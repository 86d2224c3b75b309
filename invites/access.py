"""Which guest codes somebody reaches, and what a code itself opens."""

import uuid

from django.db.models import QuerySet

from invites.models import InviteCode
from rest.errors import NotFound
from rooms.models import Room


def codes_of(room: Room) -> QuerySet[InviteCode]:
    """The codes of a room that everybody in it may pass on, also those that are over; newest change first.

    Not those made for one person: the frontend shows the first permanent code as the meeting's guest link.
    """
    general = InviteCode.objects.filter(room=room, emailinvites=None, eventinvites=None)
    return general.select_related("created_by", "updated_by")


def opened_by(code: uuid.UUID) -> InviteCode:
    """The valid code with its room; 404 for unknown, revoked and expired ones alike."""
    found = InviteCode.objects.valid().select_related("room__created_by").filter(pk=code).first()
    if found is None or found.room.created_by.disabled_since is not None:
        raise NotFound
    return found
