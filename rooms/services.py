"""What happens to rooms. Deleting one together with its event is events' business."""

from typing import Any

from django.db import transaction

from activity.actors import Actor
from activity.kinds import RoomCreated, RoomDeleted, RoomUpdated
from activity.log import record
from rooms.models import Room, SipConfig
from users.models import User


@transaction.atomic
def create_room(
    *,
    creator: User,
    actor: Actor,
    password: str = "",
    waiting_room: bool = False,
    e2e_encryption: bool = False,
    enable_sip: bool = False,
) -> Room:
    room = Room.objects.create(
        tenant_id=creator.tenant_id,
        created_by=creator,
        password=password,
        waiting_room=waiting_room,
        e2e_encryption=e2e_encryption,
    )
    if enable_sip:
        create_sip_config(room=room)
    record(
        RoomCreated(has_password=bool(password), waiting_room=waiting_room),
        actor=actor,
        subject=room,
        audience=[creator.pk],
        tenant_id=room.tenant_id,
        room_id=room.pk,
    )
    return room


def create_sip_config(*, room: Room) -> SipConfig:
    """A dial-in with an id that no other room has."""
    # One in ten thousand million is taken by chance: a few tries are plenty.
    for _try in range(3):
        config = SipConfig(room=room)
        if not SipConfig.objects.filter(sip_id=config.sip_id).exists():
            break
    config.save()
    return config


@transaction.atomic
def update_room(*, room: Room, actor: Actor, **fields: Any) -> dict[str, tuple[Any, Any]]:
    """Changes password ("" removes it), waiting_room, e2e_encryption; returns the changes, a password never in them."""
    changes = {name: (getattr(room, name), value) for name, value in fields.items() if getattr(room, name) != value}
    if not changes:
        return {}
    for name, (_old, value) in changes.items():
        setattr(room, name, value)
    room.save(update_fields=list(changes))
    if "password" in changes:
        old, new = changes.pop("password")
        changes["has_password"] = (bool(old), bool(new))
    record(
        RoomUpdated(has_password=bool(room.password), waiting_room=room.waiting_room),
        actor=actor,
        subject=room,
        audience=[room.created_by_id],
        tenant_id=room.tenant_id,
        room_id=room.pk,
        changes=changes,
    )
    return changes


@transaction.atomic
def delete_room(*, room: Room, actor: Actor) -> None:
    """Deletes the room with everything in it; whoever cancels a meeting has mailed its people before."""
    record(
        RoomDeleted(),
        actor=actor,
        subject=room,
        audience=[room.created_by_id],
        tenant_id=room.tenant_id,
        room_id=room.pk,
    )
    room.delete()
