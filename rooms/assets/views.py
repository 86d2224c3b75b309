"""rooms/{id}/assets and users/me/assets."""

import uuid
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from rest import fields
from rest.errors import BadRequest, InvalidContentType, PayloadOverflow, ServiceUnavailable
from rest.fields import query_word
from rest.pagination import MAX_PER_PAGE, PAGE_PARAMETERS, Page
from rest.parsers import FileParser
from rest.schema import may_raise, text_parameter
from rooms import access as rooms
from rooms.assets import access
from rooms.assets.downloads import download
from rooms.assets.serializers import (
    AssetInput,
    AssetResource,
    OwnedAssets,
    asset_resource,
    owned_asset_resource,
)
from rooms.assets.services import StorageQuotaExceeded, create_asset, delete_asset
from rooms.assets.uploads import Upload
from users.authentication import UserRequest

FILE, ANY_TYPE = "application/octet-stream", "*/*"
RANGE_PARAMETERS = [
    text_parameter("Range", 4000, "One range of bytes, e.g. bytes=0-1023", location=OpenApiParameter.HEADER),
    text_parameter(
        "If-Range", 4000, "The ETag of the file version that the range is for", location=OpenApiParameter.HEADER
    ),
    text_parameter("If-None-Match", 4000, "The ETag that the client has", location=OpenApiParameter.HEADER),
]
SORT_PARAMETERS = [
    OpenApiParameter("sort", str, enum=access.SORTS, default=access.SORTS[0]),
    OpenApiParameter("order", str, enum=access.ORDERS, default=access.ORDERS[0]),
]


class AnyAccepted(DefaultContentNegotiation):
    """Ignores Accept: a file has only one type, and errors are JSON."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class RoomAssetsView(APIView):
    parser_classes = (FileParser,)

    @extend_schema(
        summary="List a room's files",
        parameters=PAGE_PARAMETERS,
        responses=fields.several(AssetResource, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator and the people invited to a meeting in the room."""
        page, assets = Page(request), access.of_room(rooms.readable(request.user, room_id))
        return page.response([asset_resource(asset) for asset in assets[page.start : page.stop]], assets.count())

    @may_raise(StorageQuotaExceeded, InvalidContentType, PayloadOverflow, ServiceUnavailable)
    @extend_schema(
        summary="Upload a file into a room",
        parameters=[AssetInput],
        request={FILE: OpenApiTypes.BINARY},
        responses={200: AssetResource},
    )
    def post(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator. The body is the file; its name is built from the parameters."""
        room = rooms.writable(request.user, room_id)
        data = AssetInput(data=request.query_params.dict())
        if not data.is_valid():
            wrong = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in data.errors.items())
            raise BadRequest(f"Wrong query parameters: {wrong}")
        upload = Upload(request)
        asset = create_asset(
            room=room, actor=Actor.by_api(request.user), source=upload, size=upload.size, **data.validated_data
        )
        return Response(asset_resource(asset))


class RoomAssetView(APIView):
    content_negotiation_class = AnyAccepted

    @may_raise(416, ServiceUnavailable)
    @extend_schema(
        summary="Download a file",
        parameters=RANGE_PARAMETERS,
        responses={
            (200, ANY_TYPE): OpenApiTypes.BINARY,
            (206, ANY_TYPE): OpenApiTypes.BINARY,
            304: None,
        },
    )
    def get(self, request: UserRequest, room_id: uuid.UUID, asset_id: uuid.UUID) -> HttpResponseBase:
        """For the creator and the people invited. One range of bytes may be asked for."""
        return download(request, access.readable(request.user, room_id, asset_id))

    @extend_schema(summary="Delete a file", responses={204: None})
    def delete(self, request: UserRequest, room_id: uuid.UUID, asset_id: uuid.UUID) -> Response:
        """For the creator."""
        delete_asset(asset=access.writable(request.user, room_id, asset_id), actor=Actor.by_api(request.user))
        return Response(status=204)


class MyAssetsView(APIView):
    @extend_schema(
        summary="List the files of all your rooms",
        parameters=[*PAGE_PARAMETERS, *SORT_PARAMETERS],
        responses=OwnedAssets,
    )
    def get(self, request: UserRequest) -> Response:
        """Each with the meeting that it belongs to."""
        page = Page(request)
        sort, order = query_word(request, "sort", *access.SORTS), query_word(request, "order", *access.ORDERS)
        assets = access.owned(request.user, sort=sort, order=order)
        rows = [owned_asset_resource(asset) for asset in assets[page.start : page.stop]]
        return page.response({"owned_assets": rows}, assets.count())
