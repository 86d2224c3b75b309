"""rooms/{id}/streaming_targets: where the meeting in a room is streamed to."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events.resources import streaming_target
from events.serializers.events import StreamingTargetResource
from events.services.streaming import (
    TooManyStreams,
    add_streaming_target,
    delete_streaming_target,
    update_streaming_target,
)
from events.views.events import suppressed
from rest import fields
from rest.errors import BadRequest
from rest.schema import SUPPRESS, may_raise
from rooms import access
from rooms.models import StreamingTarget
from rooms.serializers import StreamingTargetChange, StreamingTargetInput
from rooms.streaming import MOST_STREAMS
from users.authentication import UserRequest


class StreamingTargetsView(APIView):
    @extend_schema(
        summary="List where a meeting is streamed to",
        responses=fields.several(StreamingTargetResource, MOST_STREAMS),
    )
    def get(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator and the people invited; only the creator gets the keys."""
        room = access.readable(request.user, room_id)
        return Response([_resource(request, target) for target in room.streaming_targets.all()])

    @may_raise(TooManyStreams)
    @extend_schema(
        summary="Add a live stream",
        request=StreamingTargetInput,
        parameters=[SUPPRESS],
        responses=StreamingTargetResource,
    )
    def post(self, request: UserRequest, room_id: uuid.UUID) -> Response:
        """For the creator. Everyone invited is notified."""
        room = access.writable(request.user, room_id)
        data = StreamingTargetInput(data=request.data)
        data.is_valid(raise_exception=True)
        target = add_streaming_target(room=room, **_how(request), **data.validated_data)
        return Response(_resource(request, target))


class StreamingTargetView(APIView):
    @extend_schema(summary="Get a live stream", responses=StreamingTargetResource)
    def get(self, request: UserRequest, room_id: uuid.UUID, streaming_target_id: uuid.UUID) -> Response:
        """For the creator and the people invited; only the creator gets the key."""
        room = access.readable(request.user, room_id)
        return Response(_resource(request, access.streaming_target_of(room, streaming_target_id)))

    @may_raise(BadRequest)
    @extend_schema(
        summary="Change a live stream",
        request=StreamingTargetChange,
        parameters=[SUPPRESS],
        responses=StreamingTargetResource,
    )
    def patch(self, request: UserRequest, room_id: uuid.UUID, streaming_target_id: uuid.UUID) -> Response:
        """For the creator. Omitted members stay unchanged. Everyone invited is notified."""
        target = _own(request, room_id, streaming_target_id)
        data = StreamingTargetChange(data=request.data)
        data.is_valid(raise_exception=True)
        if not data.validated_data:
            raise BadRequest("The request contains no change")
        target = update_streaming_target(target=target, **_how(request), **data.validated_data)
        return Response(_resource(request, target))

    @extend_schema(summary="Remove a live stream", parameters=[SUPPRESS], responses={204: None})
    def delete(self, request: UserRequest, room_id: uuid.UUID, streaming_target_id: uuid.UUID) -> Response:
        """For the creator. Everyone invited is notified."""
        delete_streaming_target(target=_own(request, room_id, streaming_target_id), **_how(request))
        return Response(status=204)


def _own(request: UserRequest, room_id: uuid.UUID, target_id: uuid.UUID) -> StreamingTarget:
    return access.streaming_target_of(access.writable(request.user, room_id), target_id)


def _how(request: UserRequest) -> dict[str, Any]:
    return {"actor": Actor.by_api(request.user), "suppress_mail": suppressed(request)}


def _resource(request: UserRequest, target: StreamingTarget) -> dict[str, Any]:
    return streaming_target(target, with_key=target.room.created_by_id == request.user.pk)
