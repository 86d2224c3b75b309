"""rooms, rooms/{id} and its dial-in of the API."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from rest import fields
from rest.pagination import MAX_PER_PAGE, PAGE_PARAMETERS, Page
from rest.schema import LOCATION, may_raise
from rooms import access, services
from rooms.access import ServiceNotFound
from rooms.serializers import RoomChange, RoomInput, RoomResource, SipInput, SipResource, room_resource, sip_resource
from rooms.sip import FeatureDisabled, ServiceForbidden, require_feature
from users.authentication import UserRequest


class RoomsView(APIView):
    @extend_schema(
        summary="List the rooms you may enter",
        parameters=PAGE_PARAMETERS,
        responses=fields.several(RoomResource, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest) -> Response:
        """Your own rooms and those of the meetings you are invited to, newest first."""
        page = Page(request)
        rooms = access.visible(request.user)
        return page.response([room_resource(room) for room in rooms[page.start : page.stop]], rooms.count())

    @may_raise(FeatureDisabled)
    @extend_schema(
        summary="Create a room without a meeting",
        request=RoomInput,
        parameters=[LOCATION],
        responses={201: RoomResource},
    )
    def post(self, request: UserRequest) -> Response:
        """Creates a room for a meeting without invitations."""
        data = RoomInput(data=request.data)
        data.is_valid(raise_exception=True)
        if data.validated_data.get("enable_sip"):
            require_feature(request.user.tariff)
        actor = Actor.by_api(request.user)
        room = services.create_room(creator=request.user, actor=actor, **data.validated_data)
        return Response(room_resource(room), status=201, headers={"Location": f"/v1/rooms/{room.pk}"})


# Deleting is added where the room's meeting is known: events/views/rooms.py.
class RoomView(APIView):
    @extend_schema(summary="Get a room", responses=RoomResource)
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator and the people invited to a meeting in it."""
        return Response(room_resource(access.readable(request.user, room_id)))

    @extend_schema(summary="Change a room", request=RoomChange, responses=RoomResource)
    def patch(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator. Omitted members stay unchanged."""
        room = access.writable(request.user, room_id)
        data = RoomChange(data=request.data)
        data.is_valid(raise_exception=True)
        services.update_room(room=room, actor=Actor.by_api(request.user), **data.validated_data)
        return Response(room_resource(room))


class SipView(APIView):
    @may_raise(ServiceNotFound)
    @extend_schema(summary="Get a room's dial-in", responses=SipResource)
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator."""
        room = access.writable(request.user, room_id)
        return Response(sip_resource(access.sip_config_of(room)))

    @may_raise(FeatureDisabled, ServiceForbidden)
    @extend_schema(
        summary="Create or change a room's dial-in", request=SipInput, responses={200: SipResource, 201: SipResource}
    )
    def put(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator. Omitted members stay unchanged, or get random values in a new dial-in."""
        room = access.writable(request.user, room_id)
        data = SipInput(data=request.data)
        data.is_valid(raise_exception=True)
        config, is_new = services.set_sip_config(room=room, actor=Actor.by_api(request.user), **data.validated_data)
        return Response(sip_resource(config), status=201 if is_new else 200)

    @extend_schema(summary="Remove a room's dial-in", responses={204: None})
    def delete(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator."""
        room = access.writable(request.user, room_id)
        services.delete_sip_config(room=room, actor=Actor.by_api(request.user))
        return Response(status=204)
