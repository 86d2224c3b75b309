"""Files on the wire (contract 7)."""

from typing import Any

from rest_framework import serializers

from rest import fields
from rest.pagination import MAX_PER_PAGE
from rest.renderers import timestamp
from rooms.models import Asset


def asset_resource(asset: Asset) -> dict[str, Any]:
    resource = {
        "id": asset.pk,
        "filename": asset.filename,
        "created_at": timestamp(asset.created_at),
        "kind": asset.kind,
        "size": asset.size,
    }
    return resource | {"namespace": asset.namespace} if asset.namespace else resource


def owned_asset_resource(asset: Any) -> dict[str, Any]:
    """Of a row of `access.owned`."""
    resource = asset_resource(asset) | {"room_id": asset.room_id}
    return resource | {"event_id": asset.event_id} if asset.event_id else resource


class AssetInput(serializers.Serializer[Any]):
    """Query parameters of an upload. The file's name is made of them; it is never the client's."""

    kind = serializers.RegexField(
        r"\A[0-9a-zA-Z_]+\Z",
        max_length=50,
        trim_whitespace=False,
        help_text="The kind of file, e.g. recording; letters, digits and _",
    )
    file_extension = serializers.RegexField(
        r"\A[0-9a-zA-Z]+\Z", max_length=20, trim_whitespace=False, help_text="Without dot, e.g. webm"
    )
    event_title = fields.Text(max_length=255, required=False, help_text="The beginning of the file name")
    namespace = serializers.RegexField(
        r"\A[0-9a-z_]+\Z",
        max_length=255,
        trim_whitespace=False,
        required=False,
        help_text="The module of the meeting that created it",
    )


class AssetResource(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    filename = serializers.CharField(max_length=255)
    namespace = serializers.CharField(max_length=255, required=False)
    created_at = serializers.DateTimeField()
    kind = serializers.CharField(max_length=50)
    size = serializers.IntegerField(help_text="In bytes")


class OwnedAsset(AssetResource):
    room_id = serializers.UUIDField()
    event_id = serializers.UUIDField(required=False)


class OwnedAssets(serializers.Serializer[Any]):
    owned_assets = fields.several(OwnedAsset, MAX_PER_PAGE)
