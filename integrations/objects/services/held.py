"""The row that guards an object and all that hangs on it."""

import uuid

from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked_all
from rest.errors import NotFound


def held(object_id: uuid.UUID, of_type: str) -> Object:
    """Locked until the transaction ends. Raises NotFound where it is of another type, in the trash or gone."""
    one = next(iter(locked_all([object_id])), None)
    if one is None or one.type != of_type or one.deleted_at is not None:
        raise NotFound
    return one
