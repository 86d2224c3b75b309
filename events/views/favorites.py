"""users/me/event_favorites/{id}."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events import access
from events.services.favorites import add_favorite, remove_favorite
from users.authentication import UserRequest


class EventFavoriteView(APIView):
    @extend_schema(summary="Add an event to the favourites", request=None, responses={201: None, 204: None})
    def put(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator and the people invited. Returns 204 if it already is a favourite."""
        event = access.attended(request.user, event_id)
        is_new = add_favorite(event=event, user=request.user, actor=Actor.by_api(request.user))
        return Response(status=201 if is_new else 204)

    @extend_schema(summary="Remove an event from the favourites", responses={204: None})
    def delete(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator and the people invited."""
        event = access.attended(request.user, event_id)
        remove_favorite(event=event, user=request.user, actor=Actor.by_api(request.user))
        return Response(status=204)
