"""What boxes and sensors have in common: an object with a description and tags."""

import uuid
from typing import Any

from rest_framework import serializers

from activity.actors import Actor
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Tag
from integrations.objects.services.objects import create_object
from rest.errors import NotFound
from rest.fields import Identifier, Items, Text
from users.models import User

MOST_TAGS = 100


class Described(serializers.Serializer[Any]):
    description = Text(max_length=255)


class NewThing(serializers.Serializer[Any]):
    description = Text(max_length=255, default="")
    tag = Items(child=Identifier(), max_length=MOST_TAGS, default=list)


def create_thing(user: User, of_type: str, values: dict[str, Any], actor: Actor) -> Object:
    """The tags are the person's own: others are attached afterwards. Raises NotFound."""
    tags = _tags(user, values["tag"])
    return create_object(owner=user, type=of_type, actor=actor, description=values["description"], tags=tags)


def _tags(user: User, tag_ids: list[uuid.UUID]) -> list[Tag]:
    found = list(user.tags_owned.filter(pk__in=tag_ids)) if tag_ids else []
    if len(found) != len({*tag_ids}):
        raise NotFound
    return found
