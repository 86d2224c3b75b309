"""api/user/metadata and api/object/(uuid)/metadata: what programs keep, under keys such as com.example.colour."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.objects import access
from integrations.objects.models.metadata import LONGEST_KEY, ObjectMetadata, UserMetadata
from integrations.objects.models.tags import Level
from integrations.objects.services.metadata import MOST_KEYS, change_object_metadata, change_user_metadata
from rest import fields


class ValuesField(serializers.Field[Any, Any, Any, Any]):
    """`{key: any JSON}`; the service says what keys and values can be."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("This must be an object of keys and values.", "not_a_dict")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class MetadataChange(serializers.Serializer[Any]):
    update = ValuesField(default=dict)  # type: ignore[assignment] # DRF has a method of this name
    delete = fields.Items(child=fields.Text(max_length=LONGEST_KEY), max_length=MOST_KEYS, default=list)


class UserMetadataView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        rows = UserMetadata.objects.filter(user=request.user).order_by("key")
        return {"metadata": dict(rows.values_list("key", "value"))}

    def post(self, request: SessionRequest) -> Json:
        """Answers all that is kept now. Raises ValidationFailed."""
        values = self.body(MetadataChange)
        return {"metadata": change_user_metadata(user=request.user, actor=self.actor, **values)}


class ObjectMetadataView(CospaceView):
    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        rows = ObjectMetadata.objects.filter(object=access.found(request.user, object_id).pk).order_by("key")
        return {"metadata": dict(rows.values_list("key", "value"))}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        """For who may write. Raises ValidationFailed, Forbidden, NotFound."""
        values = self.body(MetadataChange)
        one = access.found(request.user, object_id, level=Level.WRITE)
        return {"metadata": change_object_metadata(one=one, actor=self.actor, **values)}
