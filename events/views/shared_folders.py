"""events/{id}/shared_folder."""

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events import access
from events.resources import shared_folder
from events.rows import AgendaRow
from events.serializers.events import SharedFolderResource
from events.services.shared_folders import add_shared_folder, remove_shared_folder
from events.views.events import suppressed
from rest.errors import BadRequest, NotFound
from rest.fields import query_flag
from rest.schema import SUPPRESS, flag_parameter, may_raise
from users.authentication import UserRequest

FORCE = flag_parameter(
    "force_delete_reference_if_shared_folder_deletion_fails",
    "Remove it from the event even if the file service does not answer; deleting it is then retried until it does",
)


class SharedFolderView(APIView):
    @extend_schema(summary="Get the links to an event's folder", responses=SharedFolderResource)
    def get(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator and the people invited; only the creator gets the link for writing."""
        return _response(access.readable(request.user, event_id))

    @may_raise(BadRequest)
    @extend_schema(
        summary="Give an event a folder",
        request=None,
        parameters=[SUPPRESS],
        responses={200: SharedFolderResource, 201: SharedFolderResource},
    )
    def put(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator, where the server has a file service. Returns 200 if there already is a folder."""
        event = access.writable(request.user, event_id)
        is_new = add_shared_folder(event=event, actor=Actor.by_api(request.user), suppress_mail=suppressed(request))
        return _response(access.readable(request.user, event_id), status=201 if is_new else 200)

    @extend_schema(summary="Delete an event's folder", parameters=[FORCE, SUPPRESS], responses={204: None})
    def delete(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. Everything in the folder is deleted too."""
        event = access.writable(request.user, event_id)
        remove_shared_folder(
            event=event,
            actor=Actor.by_api(request.user),
            is_forced=bool(query_flag(request, FORCE.name)),
            suppress_mail=suppressed(request),
        )
        return Response(status=204)


def _response(row: AgendaRow, status: int = 200) -> Response:
    if row.folder is None or not row.folder.read_url:
        raise NotFound
    return Response(shared_folder(row.folder, with_write=row.is_creators), status=status)
