"""Which rooms a person can access: their own, and those of the events they are invited to."""

import uuid
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from activity.audiences import Circle, Place
from rest.errors import Forbidden, NotFound
from rooms.models import Room, SipConfig, StreamingTarget
from rooms.sip import ServiceForbidden
from users.models import User, UserQuerySet


class ServiceNotFound(NotFound):
    code = ServiceForbidden.code
    default_detail = ServiceForbidden.default_detail


def visible(user: User) -> QuerySet[Room]:
    """The person's rooms, newest first. By ids, because "created by or invited to" defeats both indexes."""
    own = Room.objects.filter(created_by=user).order_by().values("pk")
    invited = Room.objects.filter(events__invites__invitee=user).order_by().values("pk")
    return _open_in(user.tenant_id).filter(pk__in=own.union(invited))


def readable(user: User, room_id: uuid.UUID) -> Room:
    """The room for its creator and for invitees, whatever they answered; the same 403 for all others (contract 1.3)."""
    room = _open_in(user.tenant_id).filter(_is_of(user.pk), pk=room_id).first()
    if room is None:
        raise Forbidden
    return room


def readers(room: Room) -> UserQuerySet:
    """Everybody for whom the room is `readable`."""
    here = _open_in(OuterRef("tenant")).filter(_is_of(OuterRef("pk")), pk=room.pk).order_by()
    people: UserQuerySet = User.objects.filter(Exists(here))
    return people


def writable(user: User, room_id: uuid.UUID) -> Room:
    """The room for its creator."""
    room = _open_in(user.tenant_id).filter(pk=room_id, created_by=user).first()
    if room is None:
        raise Forbidden
    return room


def circle(room: Room) -> Circle:
    """The people of the room, for the log: its creator, and the accounts invited to what is held in it."""
    invited = room.events.filter(invites__isnull=False).values_list("invites__invitee", flat=True)
    return Circle(owner=room.created_by_id, readers=frozenset(invited))


def circles(rooms: Iterable[Room]) -> dict[uuid.UUID, Circle]:
    """`circle` of many in one statement, by the room's id."""
    owners = {room.pk: room.created_by_id for room in rooms}
    readers: dict[uuid.UUID, set[uuid.UUID]] = {room_id: set() for room_id in owners}
    invited = Room.objects.filter(pk__in=owners, events__invites__isnull=False).order_by()
    for room_id, person in invited.values_list("pk", "events__invites__invitee"):
        readers[room_id].add(person)
    return {room_id: Circle(owner=owners[room_id], readers=frozenset(readers[room_id])) for room_id in owners}


def place(room: Room) -> Place:
    return Place(tenant_id=room.tenant_id, room_id=room.pk)


def _open_in(tenant: uuid.UUID | OuterRef) -> QuerySet[Room]:
    rooms = Room.objects.filter(tenant=tenant, created_by__disabled_since=None)
    return rooms.select_related("created_by__tariff")


def _is_of(person: uuid.UUID | OuterRef) -> Q:
    return Q(created_by=person) | Q(events__invites__invitee=person)


def sip_config_of(room: Room) -> SipConfig:
    """Raises NotFound; for a room that no phone may enter ServiceNotFound."""
    if room.e2e_encryption:
        raise ServiceNotFound
    config = SipConfig.objects.filter(room=room).first()
    if config is None:
        raise NotFound
    return config


def streaming_target_of(room: Room, target_id: uuid.UUID) -> StreamingTarget:
    target = room.streaming_targets.filter(pk=target_id).first()
    if target is None:
        raise NotFound
    return target
