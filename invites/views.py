"""rooms/{id}/invites and invite/verify of the API."""

import uuid

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from invites import access, services
from invites.serializers import InviteInput, InviteResource, VerifiedCode, VerifyInput, invite_resource
from rest.errors import field_error
from rest.pagination import PAGE_PARAMETERS, Page
from rest.schema import Error
from rooms import access as rooms
from users.authentication import UserRequest


class RoomInvitesView(APIView):
    @extend_schema(parameters=PAGE_PARAMETERS, responses=InviteResource(many=True))
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        page = Page(request)
        codes = access.codes_of(rooms.readable(request.user, room_id))
        rows = [invite_resource(code) for code in codes[page.start : page.stop]]
        return page.response(rows, codes.count())

    @extend_schema(request=InviteInput, responses=InviteResource)
    def post(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        room = rooms.writable(request.user, room_id)
        data = InviteInput(data=request.data)
        data.is_valid(raise_exception=True)
        expiration = data.validated_data.get("expiration")
        if expiration is not None and expiration <= timezone.now():
            raise field_error("expiration", "invalid_value", "This time has passed")
        code = services.create_code(
            room=room, user=request.user, actor=Actor.by_api(request.user), expiration=expiration
        )
        return Response(invite_resource(code))


class VerifyInviteView(APIView):
    """Asked by guests: which room a code opens."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=VerifyInput, responses={200: VerifiedCode, 404: Error})
    def post(self, request: Request) -> Response:
        data = VerifyInput(data=request.data)
        data.is_valid(raise_exception=True)
        room = access.opened_by(data.validated_data["invite_code"]).room
        return Response({"room_id": room.pk, "password_required": bool(room.password)})
