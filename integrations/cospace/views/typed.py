"""The calls that objects of one type have in common: list, create, look, change, delete; upload and download."""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework import serializers

from integrations.cospace.dialect import CospaceView, Json, SessionRequest, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.uploads import AnyFileParser, answered, upload_in
from integrations.objects import access
from integrations.objects.access import tags_of
from integrations.objects.models.contents import Content
from integrations.objects.models.objects import Object
from integrations.objects.models.tags import Level
from integrations.objects.services.objects import create_object, delete_object, update_object
from integrations.objects.services.uploads import upload_content
from rest import fields
from rooms.assets.downloads import ANY_TYPE, Stored
from users.models import User

MOST_LISTED = 500


class Pages(serializers.Serializer[Any]):
    """The newest come first."""

    count = serializers.IntegerField(min_value=1, max_value=MOST_LISTED, default=100)
    first = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0)


class Described(serializers.Serializer[Any]):
    description = fields.Text(max_length=255, required=False)


class Named(serializers.Serializer[Any]):
    filename = fields.Text(max_length=255, required=False, default="")


class TypedListView(CospaceView):
    """GET and POST /api/<type>."""

    of_type: ClassVar[str]
    related: ClassVar[tuple[str, ...]] = ()  # tables of the type's own

    def get(self, request: SessionRequest) -> Json:
        objects = listed(request.user, self.of_type, self.query(Pages), *self.related)
        tags = tags_of(objects)
        return {self.of_type: {str(one.pk): about(one, tags[one.pk]) | self.brief(one) for one in objects}}

    def brief(self, one: Object) -> Json:
        """What only this type has."""
        return {}

    def post(self, request: SessionRequest) -> Json:
        values = self.body(Described)
        one = create_object(owner=request.user, type=self.of_type, actor=self.actor, **values)
        return {self.of_type: str(one.pk)}


class TypedView(CospaceView):
    """GET, POST and DELETE /api/<type>/(uuid). What is deleted lies in the trash of its owner."""

    of_type: ClassVar[str]

    def get(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=self.of_type)
        return {self.of_type: {self.of_type: str(one.pk)} | about(one, tags_of([one])[one.pk]) | self.more(one)}

    def more(self, one: Object) -> Json:
        """What only this type has."""
        return {}

    def post(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        values = self.body(Described)
        one = access.found(request.user, object_id, of_type=self.of_type, level=Level.WRITE)
        update_object(one=one, actor=self.actor, **values)
        return {}

    def delete(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        one = access.found(request.user, object_id, of_type=self.of_type, level=Level.OWNER)
        delete_object(one=one, actor=self.actor)
        return {}


class ContentView(CospaceView):
    """PUT and GET /api/<type>/(uuid)/content: the file is the body, with its Content-Length."""

    of_type: ClassVar[str]
    parser_classes = (AnyFileParser,)

    def put(self, request: SessionRequest, object_id: uuid.UUID) -> Json:
        name = self.query(Named)["filename"]
        one = access.found(request.user, object_id, of_type=self.of_type, level=Level.WRITE)
        upload = upload_in(request)
        upload_content(one=one, actor=self.actor, source=upload, size=upload.size, filename=name)
        return {}

    def get(self, request: SessionRequest, object_id: uuid.UUID) -> HttpResponseBase:
        one = access.found(request.user, object_id, of_type=self.of_type)
        return answered(request, _stored(one))


def listed(user: User, of_type: str, page: dict[str, Any], *related: str) -> list[Object]:
    """What the person can read of the type; `page` is that of Pages."""
    rows = access.visible(user).filter(type=of_type).select_related("content", *related)
    return list(rows.order_by("-created_at", "id")[page["first"] : page["first"] + page["count"]])


def about(one: Object, tags: Sequence[str]) -> Json:
    told = without_empty(
        owner=str(one.owner_id),
        description=one.description,
        create_time=seconds(one.created_at),
        modify_time=seconds(one.modified_at),
    )
    return told | {"tag": list(tags)} | _uploaded(content_of(one))


def content_of(one: Object) -> Content | None:
    try:
        return one.content
    except Content.DoesNotExist:
        return None


def _uploaded(content: Content | None) -> Json:
    """`convert` is pending, working, done or failed; then `problem` says why."""
    if content is None:
        return {}
    told = without_empty(
        filename=content.filename,
        mime_type=content.mime_type,
        problem=content.problem,
        page_count=content.page_count,
    )
    upload = {"size": content.size, "md5": content.md5, "upload_time": seconds(content.uploaded_at)}
    return told | upload | {"convert": content.state}


def _stored(one: Object) -> Stored | None:
    content = content_of(one)
    if content is None:
        return None
    return Stored(
        name=content.file,
        version=content.upload.hex,
        filename=content.filename or one.type,
        size=content.size,
        created_at=content.uploaded_at,
        content_type=content.mime_type or ANY_TYPE,
    )
