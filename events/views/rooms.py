"""Operations on a room that concern its meeting: rooms/{id} and rooms/{id}/event."""

import uuid

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events.access import latest_of_room
from events.resources import event_info
from events.serializers.events import EventInfo
from events.services.rooms import delete_room_and_events
from events.views.events import suppressed
from invites import access as invites
from invites.authentication import InviteCodeAuthentication
from rest.errors import NotFound
from rest.fields import query_flag
from rest.permissions import IsSignedInOrGuest
from rest.schema import FORCE_DELETE, SUPPRESS, may_raise
from rooms import access as rooms
from rooms import views
from rooms.access import ServiceNotFound
from users.authentication import BearerAuthentication, UserRequest


class RoomView(views.RoomView):
    @extend_schema(summary="Delete a room with its meeting", parameters=[SUPPRESS, FORCE_DELETE], responses={204: None})
    def delete(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator. Everyone invited to its meeting is notified."""
        room = rooms.writable(request.user, room_id)
        query_flag(request, FORCE_DELETE.name)
        delete_room_and_events(room=room, actor=Actor.by_api(request.user), suppress_mail=suppressed(request))
        return Response(status=204)


class RoomEventView(APIView):
    """What is shown of the meeting in a room, to guests too."""

    authentication_classes = (InviteCodeAuthentication, BearerAuthentication)
    permission_classes = (IsSignedInOrGuest,)

    @may_raise(ServiceNotFound)
    @extend_schema(summary="Get what a room's lobby shows of the meeting", responses=EventInfo)
    def get(self, request: Request, room_id: uuid.UUID) -> Response:
        room = invites.visited(request, room_id)
        event = latest_of_room(room, timezone.now())
        if event is None:
            raise NotFound
        return Response(event_info(event, invites.for_everybody(room) if event.show_meeting_details else None))
