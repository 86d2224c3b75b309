"""Use cases of rooms. The events app deletes a room together with its event."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle
from activity.changes import assign, changes_of
from activity.log import record
from activity.room_kinds import RoomCreated, RoomDeleted, RoomUpdated, SipCreated, SipDeleted, SipUpdated
from rest.errors import NotFound
from rooms.access import circle, place
from rooms.assets.services import delete_files
from rooms.models import Room, SipConfig, random_digits
from rooms.sip import ServiceForbidden, require_feature
from users.models import User


@transaction.atomic(savepoint=False)  # part of what happens to an event
def create_room(
    *,
    creator: User,
    actor: Actor,
    password: str = "",
    waiting_room: bool = False,
    e2e_encryption: bool = False,
    enable_sip: bool = False,
    title: str | None = None,
) -> Room:
    """`title` is that of the meeting which is planned in it, None for a room that is made by itself."""
    room = Room.objects.create(
        tenant_id=creator.tenant_id,
        created_by=creator,
        password=password,
        waiting_room=waiting_room,
        e2e_encryption=e2e_encryption,
        is_standalone=title is None,
    )
    if enable_sip:
        create_sip_config(room=room)
    kind = RoomCreated(**_snapshot(room, title or ""))
    record(kind, actor=actor, subject=room, place=place(room), after=Circle(owner=creator.pk))
    return room


def create_sip_config(*, room: Room, **fields: Any) -> SipConfig:
    """A dial-in with an id that no other room has."""
    # One in ten thousand million is taken by chance: a few tries are plenty.
    for _try in range(3):
        config = SipConfig(room=room, **fields)
        if not SipConfig.objects.filter(sip_id=config.sip_id).exists():
            break
    config.save()
    return config


@transaction.atomic(savepoint=False)  # part of what happens to an event
def update_room(*, room: Room, actor: Actor, **fields: Any) -> dict[str, tuple[Any, Any]]:
    """Changes password ("" removes it), waiting_room, e2e_encryption; returns the changes, a password never in them.

    Raises NotFound where the room was deleted meanwhile.
    """
    _read_locked(room, list(fields))
    changes = changes_of(room, fields)
    if not changes:
        return {}
    assign(room, changes)
    room.save(update_fields=list(changes))
    if "password" in changes:
        old, new = changes.pop("password")
        changes["has_password"] = (bool(old), bool(new))
    record_update(room, actor, changes)
    return changes


def _read_locked(room: Room, fields: list[str]) -> None:
    """Reads these columns of the row anew, held until the transaction ends. Raises NotFound."""
    try:
        # With no columns named, all are read.
        room.refresh_from_db(fields=fields or ["pk"], from_queryset=Room.objects.select_for_update(no_key=True))
    except Room.DoesNotExist:
        raise NotFound from None


def record_update(room: Room, actor: Actor, changes: dict[str, tuple[Any, Any]]) -> None:
    people = circle(room)
    kind = RoomUpdated(**_snapshot(room, _title(room)))
    record(kind, actor=actor, subject=room, place=place(room), before=people, after=people, changes=changes)


@transaction.atomic(savepoint=False)  # part of what happens to an event
def hand_over_room(*, room: Room, to: User, actor: Actor) -> None:
    """Raises NotFound where it was deleted meanwhile."""
    room = locked(room)
    former, before = room.created_by, circle(room)
    room.created_by = to
    room.save(update_fields=["created_by"])
    kind = RoomUpdated(**_snapshot(room, _title(room)))
    changes = {"created_by": (str(former), str(to))}
    record(kind, actor=actor, subject=room, place=place(room), before=before, after=circle(room), changes=changes)


@transaction.atomic(savepoint=False)  # part of what happens to an event
def delete_room(*, room: Room, actor: Actor) -> None:
    """Deletes the room with everything in it; whoever cancels a meeting has mailed its people before.

    Raises NotFound where it was deleted meanwhile.
    """
    room = locked(room)
    kind = RoomDeleted(**_snapshot(room, _title(room)))
    record(kind, actor=actor, subject=room, place=place(room), before=circle(room))
    delete_files(room=room)
    room.delete()


@transaction.atomic
def set_sip_config(*, room: Room, actor: Actor, **fields: Any) -> tuple[SipConfig, bool]:
    """Sets the dial-in's password and lobby, makes it where there is none; the second says whether it is new.

    Raises ServiceForbidden, FeatureDisabled, NotFound.
    """
    room = locked(room)
    if room.e2e_encryption:
        raise ServiceForbidden
    require_feature(room.created_by.tariff)
    config = SipConfig.objects.filter(room=room).first()
    if config is None:
        config = create_sip_config(room=room, **fields)
        _record_sip(SipCreated(lobby=config.lobby), room, actor)
        return config, True
    changes = changes_of(config, fields)
    if changes:
        assign(config, changes)
        config.save(update_fields=list(changes))
        _record_sip(SipUpdated(lobby=config.lobby), room, actor)
    return config, False


@transaction.atomic(savepoint=False)  # part of what happens to its meetings
def renew_pin(*, room: Room, actor: Actor) -> SipConfig:
    """Another PIN for the dial-in: whoever has the old one can no longer enter. Raises NotFound where there is none."""
    room = locked(room)
    config = SipConfig.objects.filter(room=room).first()
    if config is None:
        raise NotFound
    old = config.password
    while config.password == old:
        config.password = random_digits()
    config.save(update_fields=["password"])
    _record_sip(SipUpdated(lobby=config.lobby), room, actor)
    return config


@transaction.atomic
def delete_sip_config(*, room: Room, actor: Actor) -> None:
    """Closes the dial-in; where there is none, nothing happens."""
    deleted, _by_model = SipConfig.objects.filter(room=locked(room)).delete()
    if deleted:
        _record_sip(SipDeleted(), room, actor)


def _record_sip(kind: SipCreated | SipUpdated | SipDeleted, room: Room, actor: Actor) -> None:
    people = circle(room)
    record(kind, actor=actor, subject=room, place=place(room), before=people, after=people)


def locked(room: Room) -> Room:
    """The row as it is now, held until the transaction ends. An event in the room is locked before it.

    Raises NotFound where the change before was its deletion.
    """
    rows = Room.objects.select_for_update(of=("self",)).select_related("created_by__tariff")
    row = rows.filter(pk=room.pk).first()
    if row is None:
        raise NotFound
    return row


def _title(room: Room) -> str:
    """Of the meeting in it; where a series was split, of its last part."""
    return room.events.filter(continued_by=None).values_list("title", flat=True).first() or ""


def _snapshot(room: Room, title: str) -> dict[str, Any]:
    """The members that room.created, room.updated and room.deleted share."""
    return {
        "title": title,
        "owner_id": str(room.created_by_id),
        "has_password": bool(room.password),
        "waiting_room": room.waiting_room,
    }
