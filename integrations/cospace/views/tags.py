"""api/tag: labels by whose policy people share objects."""

import uuid
from typing import Any

from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest
from integrations.cospace.resources import told_objects, told_tag, told_tag_all
from integrations.cospace.views.conference import PageQuery
from integrations.objects import access, listing
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.tags import MOST_GRANTS, create_tag, delete_tag, update_tag
from rest import fields
from rest.errors import Forbidden


class PolicyField(serializers.Field[Any, Any, Any, Any]):
    """`{id of a person: 0..4}`, counted before it is read."""

    level = fields.WholeNumber(min_value=Level.NONE, max_value=Level.OWNER)

    def to_internal_value(self, data: Any) -> dict[uuid.UUID, int]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("This must be an object of people and their access.", "not_a_dict")
        if len(data) > MOST_GRANTS:
            raise serializers.ValidationError(f"A policy names at most {MOST_GRANTS} people.", "max_length")
        policy: dict[uuid.UUID, int] = {}
        wrong: dict[str, Any] = {}
        for name, value in data.items():
            try:
                policy[fields.Identifier().run_validation(name)] = self.level.run_validation(value)
            except serializers.ValidationError as error:
                wrong[name[:40]] = error.detail
        if wrong:
            raise serializers.ValidationError(wrong)
        return policy

    def to_representation(self, value: Any) -> Any:
        return value


class TagInput(serializers.Serializer[Any]):
    label = fields.Text(min_length=1, max_length=255)  # type: ignore[assignment] # DRF has an attribute of this name
    foreign_use = fields.Flag(required=False)
    policy = PolicyField(required=False)


class ObjectFilter(PageQuery):
    filter = serializers.ChoiceField(choices=Object.Type.choices, required=False, default="")


class TagsView(CospaceView):
    def get(self, request: SessionRequest) -> Json:
        page = self.query(PageQuery)
        tags = access.tags(request.user).prefetch_related("grants").order_by("-created_at", "id")
        rows = tags[page["first"] : page["first"] + page["count"]]
        return {"tag": {str(tag.pk): told_tag(tag) for tag in rows}}

    def post(self, request: SessionRequest) -> Json:
        """Raises ValidationFailed, TooManyTags."""
        values = self.body(TagInput)
        return {"tag": told_tag(create_tag(owner=request.user, actor=self.actor, **values))}


class TagView(CospaceView):
    def get(self, request: SessionRequest, tag_id: uuid.UUID) -> Json:
        if tag_id == access.tag_all(request.user):
            return {"tag": told_tag_all(request.user, tag_id)}
        return {"tag": told_tag(access.tag(request.user, tag_id))}

    def post(self, request: SessionRequest, tag_id: uuid.UUID) -> Json:
        """Changes what is given. Raises ValidationFailed, Forbidden, NotFound."""
        _require_row(request, tag_id)
        values = self.body(TagInput, partial=True)
        tag = access.tag(request.user, tag_id, level=Level.OWNER)
        return {"tag": told_tag(update_tag(tag=tag, actor=self.actor, **values))}

    def delete(self, request: SessionRequest, tag_id: uuid.UUID) -> Json:
        _require_row(request, tag_id)
        delete_tag(tag=access.tag(request.user, tag_id, level=Level.OWNER), actor=self.actor)
        return {}


class TaggedObjectsView(CospaceView):
    def get(self, request: SessionRequest, tag_id: uuid.UUID) -> Json:
        query = self.query(ObjectFilter)
        of_type = query.pop("filter")
        if tag_id == access.tag_all(request.user):
            objects = listing.everything(request.user, of_type=of_type, **query)
        else:
            objects = listing.with_tag(access.tag(request.user, tag_id), of_type=of_type, **query)
        return {"object": told_objects(objects)}


def _require_row(request: SessionRequest, tag_id: uuid.UUID) -> None:
    """The built-in tag stays as it is."""
    if tag_id == access.tag_all(request.user):
        raise Forbidden
