"""api/object: what all objects have, whatever their type; their tags; into the trash."""

import uuid
from collections.abc import Collection
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.resources import told_object
from integrations.objects import access
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.objects import delete_object
from integrations.objects.services.tagging import MOST_TAGS_ON_ONE, change_tags
from rest import fields


def _ids(**options: Any) -> fields.Items:
    return fields.Items(child=fields.Identifier(), max_length=MOST_TAGS_ON_ONE, **options)


class TagChange(serializers.Serializer[Any]):
    tag_add = _ids(default=list)
    tag_delete = _ids(default=list)


class TagList(serializers.Serializer[Any]):
    tag = _ids(min_length=1)


class ObjectView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        return {"object": told_object(access.found(request.user, object_id))}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Into the trash. Raises IsRoom, Forbidden, NotFound."""
        delete_object(one=access.found(request.user, object_id, level=Level.OWNER), actor=self.actor)
        return {}


class ObjectTagsView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        return {"tag": told_object(access.found(request.user, object_id))["tag"]}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        values = self.body(TagChange)
        return _change(self, request, object_id, add=values["tag_add"], remove=values["tag_delete"])


class ShareView(CospaceView):
    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Attaches tags."""
        return _change(self, request, object_id, add=self.body(TagList)["tag"])


class UnshareView(CospaceView):
    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """Takes tags off."""
        return _change(self, request, object_id, remove=self.body(TagList)["tag"])


def _change(
    view: CospaceView,
    request: SessionRequest,
    object_id: uuid.UUID,
    add: Collection[uuid.UUID] = (),
    remove: Collection[uuid.UUID] = (),
) -> Json:
    """Answers the tags as they are now; nothing but the status where the person cannot read the object any more."""
    one = access.found(request.user, object_id)
    one = change_tags(one=one, by=request.user, actor=view.actor, add=add, remove=remove)
    return _tags(request, one)


def _tags(request: SessionRequest, one: Object) -> Json:
    return {"tag": told_object(one)["tag"]} if access.level_of(request.user, one) else {}
