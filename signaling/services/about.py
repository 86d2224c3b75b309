"""What other apps say of a room and of who comes: read when a session opens and when somebody joins."""

import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Q

from events import access as events
from events.lobby import lobby
from events.resources import event_info
from invites import access as invites
from invites.models import EmailInvite, EventInvite
from rooms.models import Room
from signaling import work
from signaling.models import RoomSession, Ticket
from signaling.modules.moderation import LOBBY
from signaling.presence import EMPTY, GRACE
from signaling.room import Info, Kind, Participant, Role
from users.avatars import avatar_url
from users.models import User
from users.serializers import public_profile
from users.tariffs import tariff_resource

SHOWN_OF_CREATOR = ("title", "firstname", "lastname", "display_name", "avatar_url")


def open_session(room: Room, now: datetime) -> RoomSession:
    """If nobody gets in, it ends like one that everybody left."""
    empty_at, waiting = now + GRACE, lobby(room, now)
    deadlines = {f"control:{EMPTY}": empty_at}
    if waiting.changes_at:
        deadlines[f"moderation:{LOBBY}"] = waiting.changes_at
    return RoomSession.objects.create(
        room=room,
        opened_at=now,
        deadlines={key: at.isoformat() for key, at in deadlines.items()},
        next_deadline_at=min(deadlines.values()),
        has_waiting_room=waiting.is_closed,
        tariff=msgspec.to_builtins(tariff_resource(room.created_by.tariff), enc_hook=str),
    )


def info_of(session: RoomSession, now: datetime) -> Info:
    room = Room.objects.select_related("created_by__tariff").get(pk=session.room_id)
    creator = public_profile(room.created_by)
    event = events.latest_of_room(room, now)
    code = invites.for_everybody(room) if event and event.show_meeting_details else None
    return Info(
        tariff=session.tariff,
        modules=frozenset(session.tariff["modules"]),
        room={"id": room.pk, "created_by": {name: creator[name] for name in SHOWN_OF_CREATOR}},
        password=room.password,
        event=event_info(event, code) if event else None,
        about=work.about(room),
        fixed_names=settings.DISALLOW_CUSTOM_DISPLAY_NAME,
    )


def comer(ticket: Ticket, *, connection: uuid.UUID, process: uuid.UUID, address: str) -> Participant:
    """Who comes with the ticket, before they join."""
    about: dict[str, Any] = {
        "id": ticket.participant_id,
        "kind": Kind(ticket.kind),
        "place": ticket.breakout_room,
        "invite_code_id": ticket.invite_code_id,
        "connection": connection,
        "process": process,
        "address": address,
    }
    user = ticket.user
    if user is None:
        name = "Recorder" if ticket.kind == Ticket.Kind.RECORDER else ""
        return Participant(role=_role_of_guest(ticket), display_name=name, **about)
    return Participant(
        role=_role_of_user(ticket.room, user),
        display_name=str(user),
        avatar_url=avatar_url(user.email, user.avatar_url, user.pk),
        user_id=user.pk,
        is_owner=user.pk == ticket.room.created_by_id,
        groups=tuple(sorted(user.tenant_groups.values_list("name", flat=True))),
        **about,
    )


def _role_of_user(room: Room, user: User) -> Role:
    if user.pk == room.created_by_id:
        return Role.MODERATOR
    moderates = Q(event__room=room, invitee=user, role=EventInvite.Role.MODERATOR)
    return Role.MODERATOR if EventInvite.objects.filter(moderates).exists() else Role.USER


def _role_of_guest(ticket: Ticket) -> Role:
    """The holder of a code made for an address has the role of that invitation."""
    if ticket.invite_code_id is None:
        return Role.GUEST
    moderates = EmailInvite.objects.filter(invite_code=ticket.invite_code_id, role=EmailInvite.Role.MODERATOR)
    return Role.MODERATOR if moderates.exists() else Role.GUEST
