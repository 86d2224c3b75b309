"""The row that guards an object and all that hangs on it."""

import uuid

from integrations.objects.models.objects import Object
from rest.errors import NotFound


def held(object_id: uuid.UUID, of_type: str) -> Object:
    """Locked until the transaction ends. Raises NotFound where it is of another type, in the trash or gone."""
    rows = Object.objects.select_for_update(no_key=True, of=("self",)).select_related("owner", "room")
    one = rows.filter(pk=object_id, type=of_type, deleted_at=None).first()
    if one is None:
        raise NotFound
    return one
