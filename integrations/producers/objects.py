"""Which objects a service reports about: it registers devices and the like, and rooms of its tenant as conferences."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from activity.actors import Actor
from integrations.objects.access import conference_of
from integrations.objects.models import Object, Tag
from integrations.objects.services.locking import locked
from integrations.objects.services.objects import create_object, update_object
from integrations.objects.services.tagging import change_tags
from integrations.producers.models import Binding, Producer
from rest.errors import Conflict, field_error
from rooms.models import Room
from users.models import User

Type = Object.Type
REGISTERED = (Type.BOX, Type.CALL, Type.CONFERENCE, Type.FAX, Type.RECORDING, Type.SENSOR)


class IsNotBound(Conflict):
    code = "is_not_bound"
    default_detail = "There is another object with this id; staff can bind the service to it in the admin"


@transaction.atomic
def register_object(*, producer: Producer, object_id: uuid.UUID, values: dict[str, Any], actor: Actor) -> Object:
    """Makes the object and binds the service to it, or changes one that it is bound to. The same again changes nothing.

    `values`: type, owner_id, description and tags; of a conference only the type. Raises ValidationFailed, IsNotBound.
    """
    Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
    if values["type"] == Type.CONFERENCE:
        return _bound(producer, _conference(producer, object_id))
    one = Object.objects.select_related("owner", "room").filter(pk=object_id).first()
    if one is None:
        if Room.objects.filter(pk=object_id).exists():  # the id of its conference, whether or not that has a row yet
            raise IsNotBound
        return _bound(producer, _created(producer, object_id, values, actor))
    _check_bound(producer, one, values)
    if values.get("description") is not None:
        one, _changes = update_object(one=one, actor=actor, description=values["description"])
    if values.get("tags") is not None:
        wanted = _tags(one.owner, values["tags"])
        attached = set(one.tags.values_list("tag", flat=True))
        own = set(Tag.objects.filter(pk__in=attached, owner=one.owner_id).values_list("pk", flat=True))
        named = {tag.pk for tag in wanted}
        # Tags that others attached stay: they are not the service's to name.
        change_tags(one=one, by=None, actor=actor, add=named - attached, remove=own - named)
    return one


def _conference(producer: Producer, room_id: uuid.UUID) -> Object:
    room = Room.objects.select_related("created_by").filter(pk=room_id, tenant=producer.tenant_id).first()
    if room is None:
        raise field_error("type", "invalid_value", "There is no room with this id")
    return locked(conference_of(room))


def _created(producer: Producer, object_id: uuid.UUID, values: dict[str, Any], actor: Actor) -> Object:
    owner = User.objects.filter(
        pk=values.get("owner_id"), tenant=producer.tenant_id, oidc_sub__isnull=False, disabled_since=None
    ).first()
    if owner is None:
        raise field_error("owner_id", "invalid_value", "There is nobody with this id")
    return create_object(
        owner=owner,
        type=values["type"],
        actor=actor,
        description=values.get("description") or "",
        tags=_tags(owner, values.get("tags") or []),
        object_id=object_id,
    )


def _check_bound(producer: Producer, one: Object, values: dict[str, Any]) -> None:
    if one.deleted_at is not None or not Binding.objects.filter(producer=producer, object=one).exists():
        raise IsNotBound
    for name, is_other in (
        ("type", one.type != values["type"]),
        ("owner_id", values.get("owner_id") not in (None, one.owner_id)),
    ):
        if is_other:
            raise field_error(name, "invalid_value", "This cannot be changed")


def _tags(owner: User, wanted: Sequence[uuid.UUID]) -> list[Tag]:
    """The owner's own. Raises ValidationFailed."""
    found = list(Tag.objects.filter(pk__in=wanted, owner=owner))
    if len(found) != len(set(wanted)):
        raise field_error("tags", "invalid_value", "The owner has no such tag")
    return found


def _bound(producer: Producer, one: Object) -> Object:
    Binding.objects.get_or_create(producer=producer, object=one)
    return one
