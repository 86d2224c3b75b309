"""events and events/{id}."""

import uuid
from functools import partial
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from events import access
from events.resources import event_resource, exception_resource
from events.rows import AgendaRow
from events.schedule import InvalidEvent
from events.serializers.effects import DryRun
from events.serializers.events import EventChange, EventInput, EventResource, change, creation
from events.serializers.instances import EventExceptionResource, either
from events.serializers.invites import MOST_INVITEES
from events.services.events import create_event, delete_event, update_event
from events.services.folders import prepared
from events.services.instances import MOST_EXCEPTIONS
from events.views.dry_run import dry_run_response, is_dry_run, or_dry_run
from invites.models import Status
from rest.errors import BadRequest
from rest.fields import query_flag, query_instant, query_number, query_text, query_words
from rest.pagination import CURSOR_PARAMETERS, MAX_PER_PAGE, Cursor
from rest.schema import DRY_RUN, INVITEES_MAX, LOCATION, SUPPRESS, flag_parameter, may_raise, text_parameter
from users.authentication import UserRequest

LONGEST_SEARCH = 255
WINDOW = [
    OpenApiParameter(
        "time_min", OpenApiTypes.DATETIME, description="RFC 3339; only events that may end at or after this time"
    ),
    OpenApiParameter(
        "time_max", OpenApiTypes.DATETIME, description="RFC 3339; only events that start at or before this time"
    ),
]
FILTERS = [
    *WINDOW,
    OpenApiParameter("created_after", OpenApiTypes.DATETIME, description="RFC 3339"),
    OpenApiParameter("created_before", OpenApiTypes.DATETIME, description="RFC 3339"),
    OpenApiParameter("favorites", bool, description="Only favourites", default=False),
    OpenApiParameter("adhoc", bool, description="true: only ad-hoc events; false: only others"),
    OpenApiParameter("time_independent", bool, description="true: only events without a time; false: only others"),
    text_parameter("invite_status", 255, "Comma separated: accepted, declined, pending, tentative"),
    text_parameter("q", LONGEST_SEARCH, "Words that must all occur in title, description, names or addresses"),
]
FORCE = flag_parameter(
    "force_delete_reference_if_external_services_fail",
    "Accepted for compatibility. The event is always deleted; its folder as soon as the file service answers",
)


class EventsView(APIView):
    @extend_schema(
        summary="List your events",
        parameters=[*FILTERS, INVITEES_MAX, *CURSOR_PARAMETERS],
        responses=either(
            "EventOrException", EventResource, EventExceptionResource, max_length=MAX_PER_PAGE * (1 + MOST_EXCEPTIONS)
        ),
    )
    def get(self, request: UserRequest) -> Response:
        """Each series is followed by its exceptions, which are not counted as part of the page."""
        cursor, limit = Cursor(request), invitees_max(request)
        entries = filtered(request)
        if cursor.after is not None:
            entries = access.beyond(entries, access.read_key(cursor.after))
        rows = cursor.take(
            *access.in_window(entries, query_instant(request, "time_min"), query_instant(request, "time_max"))
        )
        shown = access.with_exceptions(access.with_invitees(rows[: cursor.per_page], limit))
        after = access.key(shown[-1].entry) if len(rows) > len(shown) else None
        return cursor.response([item for row in shown for item in _listed(row, limit)], after=after)

    @may_raise(BadRequest, InvalidEvent)
    @extend_schema(
        summary="Plan an event",
        request=EventInput,
        parameters=[SUPPRESS, DRY_RUN, LOCATION],
        responses={201: EventResource, 200: DryRun},
    )
    def post(self, request: UserRequest) -> Response:
        """Creates the meeting and its room. The caller becomes its creator."""
        data = EventInput(data=request.data)
        data.is_valid(raise_exception=True)
        arguments, is_wanted = creation(data.validated_data), data.validated_data.get("has_shared_folder", False)
        with prepared(uuid.uuid4(), is_wanted=is_wanted, is_dry_run=is_dry_run(request)) as folder:
            create = partial(
                create_event,
                creator=request.user,
                actor=Actor.by_api(request.user),
                suppress_mail=suppressed(request),
                folder=folder,
                **arguments,
            )
            if is_dry_run(request):
                return dry_run_response(create, event=None)
            event = create()
        resource = resource_of(request, event.pk, 0)
        # Nobody is invited yet: here the empty list is the whole list.
        return Response(
            resource | {"invitees_truncated": False}, status=201, headers={"Location": f"/v1/events/{event.pk}"}
        )


class EventView(APIView):
    @extend_schema(summary="Get an event", parameters=[INVITEES_MAX], responses=EventResource)
    def get(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator and the people invited. With `invitees_max` the first of them are included."""
        return Response(resource_of(request, event_id, invitees_max(request)))

    @may_raise(InvalidEvent)
    @extend_schema(
        summary="Change an event",
        request=EventChange,
        parameters=[INVITEES_MAX, SUPPRESS, DRY_RUN],
        responses={200: or_dry_run(EventResource), 204: None},
    )
    def patch(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. Omitted members stay unchanged. Invitees are notified of changes to time, place or text."""
        event = access.writable(request.user, event_id)
        limit = invitees_max(request)
        data = EventChange(data=request.data)
        data.is_valid(raise_exception=True)
        if not data.validated_data:
            return Response(status=204)
        arguments, has_folder = change(data.validated_data), data.validated_data.get("has_shared_folder")
        is_wanted = has_folder is True and not hasattr(event, "shared_folder")
        with prepared(event_id, is_wanted=is_wanted, is_dry_run=is_dry_run(request)) as folder:
            update = partial(
                update_event,
                event=event,
                actor=Actor.by_api(request.user),
                suppress_mail=suppressed(request),
                folder=folder,
                drops_folder=has_folder is False,
                **arguments,
            )
            if is_dry_run(request):
                return dry_run_response(update, event=event)
            update()
        return Response(resource_of(request, event_id, limit))

    @extend_schema(
        summary="Cancel an event and delete its room",
        parameters=[FORCE, SUPPRESS, DRY_RUN],
        responses={204: None, 200: DryRun},
    )
    def delete(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. Everyone invited is notified; the room is deleted with its files and codes."""
        event = access.writable(request.user, event_id)
        query_flag(request, FORCE.name)
        delete = partial(delete_event, event=event, actor=Actor.by_api(request.user), suppress_mail=suppressed(request))
        if is_dry_run(request):
            return dry_run_response(delete, event=event)
        delete()
        return Response(status=204)


def invitees_max(request: UserRequest) -> int:
    return query_number(request, "invitees_max", 0, MOST_INVITEES)


def suppressed(request: UserRequest) -> bool:
    return bool(query_flag(request, "suppress_email_notification"))


def _listed(row: AgendaRow, limit: int) -> list[dict[str, Any]]:
    return [event_resource(row, invitees_max=limit), *(exception_resource(row, changed) for changed in row.exceptions)]


def resource_of(request: UserRequest, event_id: uuid.UUID, limit: int) -> dict[str, Any]:
    """The event as the caller sees it. Raises Forbidden."""
    (row,) = access.with_invitees([access.readable(request.user, event_id)], limit)
    return event_resource(row, invitees_max=limit)


def filtered(request: UserRequest) -> access.Entries:
    """The caller's agenda after all filters of the query but the window."""
    entries = access.agenda(request.user)
    if query_flag(request, "favorites"):
        entries = entries.filter(is_favorite=True)
    if (is_adhoc := query_flag(request, "adhoc", None)) is not None:
        entries = entries.filter(is_adhoc=is_adhoc)
    if (is_time_independent := query_flag(request, "time_independent", None)) is not None:
        entries = access.without_time(entries) if is_time_independent else access.with_time(entries)
    if created_after := query_instant(request, "created_after"):
        entries = entries.filter(created_at__gte=created_after)
    if created_before := query_instant(request, "created_before"):
        entries = entries.filter(created_at__lte=created_before)
    if statuses := query_words(request, "invite_status", Status.values):
        entries = entries.filter(invite_status__in=statuses)
    return access.matching(entries, query_text(request, "q", LONGEST_SEARCH))
