"""Guest codes: rooms/{id}/invites, invite/verify, and operations that guests may call too: a room's tariff, turn."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from invites import access, services
from invites.authentication import InviteCodeAuthentication
from invites.models import InviteCode
from invites.serializers import InviteInput, InviteResource, VerifiedCode, VerifyInput, invite_resource
from rest import fields
from rest.errors import MissingToken, NotFound, field_error
from rest.pagination import MAX_PER_PAGE, PAGE_PARAMETERS, Page
from rest.permissions import IsSignedInOrGuest
from rest.schema import may_raise
from rooms import access as rooms
from rooms.access import ServiceNotFound
from rooms.turn import MOST_TURN_SERVERS, IceServer, ice_servers
from users.authentication import BearerAuthentication, UserRequest
from users.serializers import TariffResource
from users.tariffs import tariff_resource


class RoomInvitesView(APIView):
    @extend_schema(
        summary="List a room's guest codes",
        parameters=PAGE_PARAMETERS,
        responses=fields.several(InviteResource, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator and the people invited. Codes that were created for one person are not listed."""
        page = Page(request)
        codes = access.codes_of(rooms.readable(request.user, room_id))
        rows = [invite_resource(code) for code in codes[page.start : page.stop]]
        return page.response(rows, codes.count())

    @extend_schema(
        summary="Get the permanent guest code, or create one that expires",
        request=InviteInput,
        responses=InviteResource,
    )
    def post(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator. Without `expiration` it returns the permanent code, and creates it if there is none."""
        room = rooms.writable(request.user, room_id)
        code = services.create_code(room=room, **_by(request), expiration=_expiration(request))
        return Response(invite_resource(code))


class RoomInviteView(APIView):
    @extend_schema(summary="Get a guest code", responses=InviteResource)
    def get(self, request: UserRequest, room_id: uuid.UUID, invite_code: uuid.UUID) -> Response:
        """For the creator."""
        return Response(invite_resource(_code(request, room_id, invite_code)))

    @extend_schema(summary="Change when a guest code expires", request=InviteInput, responses=InviteResource)
    def put(self, request: UserRequest, room_id: uuid.UUID, invite_code: uuid.UUID) -> Response:
        """For the creator. Without `expiration` the code is valid for ever."""
        code = _code(request, room_id, invite_code)
        services.update_code(code=code, **_by(request), expiration=_expiration(request))
        return Response(invite_resource(code))

    @extend_schema(summary="Revoke a guest code", responses={204: None})
    def delete(self, request: UserRequest, room_id: uuid.UUID, invite_code: uuid.UUID) -> Response:
        """For the creator. The code stops working."""
        services.revoke_code(code=_code(request, room_id, invite_code), **_by(request))
        return Response(status=204)


def _code(request: UserRequest, room_id: uuid.UUID, code: uuid.UUID) -> InviteCode:
    return access.code_of(rooms.writable(request.user, room_id), code)


def _by(request: UserRequest) -> dict[str, Any]:
    return {"user": request.user, "actor": Actor.by_api(request.user)}


def _expiration(request: UserRequest) -> datetime | None:
    """Missing and null mean the same: no expiration."""
    data = InviteInput(data=request.data)
    data.is_valid(raise_exception=True)
    expiration: datetime | None = data.validated_data.get("expiration")
    if expiration is not None and expiration <= timezone.now():
        raise field_error("expiration", "invalid_value", "This time is in the past")
    return expiration


class VerifyInviteView(APIView):
    """Asked by guests: which room a code opens."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @may_raise(NotFound, ServiceNotFound)
    @extend_schema(summary="Find the room that a guest code opens", request=VerifyInput, responses={200: VerifiedCode})
    def post(self, request: Request) -> Response:
        data = VerifyInput(data=request.data)
        data.is_valid(raise_exception=True)
        room = access.opened_by(data.validated_data["invite_code"]).room
        return Response({"room_id": room.pk, "password_required": bool(room.password)})


class TurnView(APIView):
    authentication_classes = (InviteCodeAuthentication, BearerAuthentication)
    permission_classes = (IsSignedInOrGuest,)

    def perform_authentication(self, request: Request) -> None:
        """The request names no room, so an invalid code is a failed sign-in (contract 13.1)."""
        try:
            super().perform_authentication(request)
        except NotFound:
            raise MissingToken from None

    @extend_schema(
        summary="Get TURN and STUN servers with credentials",
        responses={200: fields.several(IceServer, MOST_TURN_SERVERS + 1), 204: None},
    )
    def get(self, request: Request) -> Response:
        """For people who are signed in, and for guests with a code. The credentials expire."""
        servers = ice_servers(timezone.now())
        headers = {"Cache-Control": "no-store"}
        return Response(servers, headers=headers) if servers else Response(status=204)


class RoomTariffView(APIView):
    """What the owner's tariff allows in the room."""

    authentication_classes = (InviteCodeAuthentication, BearerAuthentication)
    permission_classes = (IsSignedInOrGuest,)

    @may_raise(ServiceNotFound)
    @extend_schema(summary="Get the tariff that holds in a room", responses=TariffResource)
    def get(self, request: Request, room_id: uuid.UUID) -> Response:
        return Response(tariff_resource(access.visited(request, room_id).created_by.tariff))
