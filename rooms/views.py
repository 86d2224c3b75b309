"""rooms/{id} of the API."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from rooms import access
from rooms.serializers import RoomResource, room_resource
from users.authentication import UserRequest


class RoomView(APIView):
    @extend_schema(responses=RoomResource)
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        return Response(room_resource(access.readable(request.user, room_id)))
