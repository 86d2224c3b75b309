"""events/{id}/instances, events/instances and events/{id}/reschedule."""

import uuid
from datetime import datetime
from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity.actors import Actor
from calendars.times import instance_id, parse_instance_id
from events import access, instance_answers, instances
from events.models import series_of
from events.resources import event_resource, instance_resource
from events.rows import AgendaRow
from events.schedule import InvalidEvent
from events.serializers.effects import DryRun
from events.serializers.events import EventResource
from events.serializers.instances import (
    EventInstance,
    InstanceChange,
    Rescheduling,
    either,
    instance_change,
    rescheduling,
)
from events.services.instances import update_instance
from events.services.series import reschedule_event
from events.views.dry_run import dry_run_response, is_dry_run, or_dry_run
from events.views.events import FILTERS, WINDOW, filtered, invitees_max, resource_of, suppressed
from rest import fields
from rest.errors import BadRequest
from rest.fields import query_flag, query_instant
from rest.pagination import CURSOR_PARAMETERS, MAX_PER_PAGE, Cursor
from rest.schema import DRY_RUN, INSTANCE_ID, INVITEES_MAX, LOCATION, SUPPRESS, may_raise
from users.authentication import UserRequest

CANCELLED = OpenApiParameter("include_cancelled", bool, description="Whether to list cancelled ones", default=True)


class InstancesView(APIView):
    """All occurrences of all the caller's events, by start."""

    @extend_schema(
        summary="List the occurrences of all your events",
        parameters=[*FILTERS, CANCELLED, INVITEES_MAX, *CURSOR_PARAMETERS],
        responses=either("EventOrInstance", EventResource, EventInstance, max_length=MAX_PER_PAGE),
    )
    def get(self, request: UserRequest) -> Response:
        """Events that do not repeat or have no time are listed as events."""
        cursor, limit = Cursor(request), invitees_max(request)
        found, after = instances.page(filtered(request), _window(request), cursor=cursor.after, count=cursor.per_page)
        access.with_invitees(list({item.event_id: item.row for item in found}.values()), limit)
        given = ((item.row, item.occurrence.original_starts_at) for item in found if item.occurrence)
        instance_answers.fill_in(given, request.user.pk)
        return cursor.response([_listed(item, limit) for item in found], after=after)


class EventInstancesView(APIView):
    @extend_schema(
        summary="List an event's occurrences",
        parameters=[*WINDOW, CANCELLED, INVITEES_MAX, *CURSOR_PARAMETERS],
        responses=fields.several(EventInstance, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """Sorted by original start. An event that does not repeat has one instance."""
        cursor, limit = Cursor(request), invitees_max(request)
        row = _readable(request, event_id, limit)
        found = instances.of_event(row, _window(request), beyond=_last_seen(cursor), count=cursor.per_page + 1)
        shown = found[: cursor.per_page]
        instance_answers.fill_in(((row, item.original_starts_at) for item in shown), request.user.pk)
        after = [instance_id(shown[-1].original_starts_at)] if len(found) > len(shown) else None
        return cursor.response([instance_resource(row, item, invitees_max=limit) for item in shown], after=after)


class EventInstanceView(APIView):
    @extend_schema(summary="Get one occurrence", parameters=[INSTANCE_ID, INVITEES_MAX], responses=EventInstance)
    def get(self, request: UserRequest, event_id: uuid.UUID, instance_id: str) -> Response:
        """For the creator and the people invited. The id of an occurrence is its original start."""
        return _response(request, event_id, instance_id, invitees_max(request))

    @may_raise(InvalidEvent)
    @extend_schema(
        summary="Change or cancel one occurrence",
        request=InstanceChange,
        parameters=[INSTANCE_ID, INVITEES_MAX, SUPPRESS, DRY_RUN],
        responses={200: or_dry_run(EventInstance), 204: None},
    )
    def patch(self, request: UserRequest, event_id: uuid.UUID, instance_id: str) -> Response:
        """For the creator. Everyone invited is notified. `status` cancels or restores an occurrence."""
        event, limit = access.writable(request.user, event_id), invitees_max(request)
        occurrence = instances.one_of_event(event.as_series(), (), instance_id)
        data = InstanceChange(data=request.data)
        data.is_valid(raise_exception=True)
        if not data.validated_data:
            return Response(status=204)
        update = partial(
            update_instance,
            event=event,
            original_starts_at=occurrence.original_starts_at,
            actor=Actor.by_api(request.user),
            suppress_mail=suppressed(request),
            **instance_change(data.validated_data),
        )
        if is_dry_run(request):
            return dry_run_response(update, event=event)
        update()
        return _response(request, event_id, instance_id, limit)


class RescheduleView(APIView):
    @may_raise(InvalidEvent)
    @extend_schema(
        summary="Change one occurrence and all that follow",
        request=Rescheduling,
        parameters=[INVITEES_MAX, SUPPRESS, DRY_RUN, LOCATION],
        responses={201: EventResource, 200: DryRun},
    )
    def post(self, request: UserRequest, event_id: uuid.UUID) -> Response:
        """For the creator. The series ends before `from`, and a new event in the same room continues it from there."""
        event = access.writable(request.user, event_id)
        data = Rescheduling(data=request.data)
        data.is_valid(raise_exception=True)
        reschedule = partial(
            reschedule_event,
            event=event,
            actor=Actor.by_api(request.user),
            suppress_mail=suppressed(request),
            **rescheduling(data.validated_data),
        )
        if is_dry_run(request):
            return dry_run_response(reschedule, event=event)
        following = reschedule()
        resource = resource_of(request, following.pk, invitees_max(request))
        return Response(resource, status=201, headers={"Location": f"/v1/events/{following.pk}"})


def _response(request: UserRequest, event_id: uuid.UUID, name: str, limit: int) -> Response:
    row = _readable(request, event_id, limit)
    occurrence = instances.one_of_event(series_of(row.event), row.exceptions, name)
    instance_answers.fill_in([(row, occurrence.original_starts_at)], request.user.pk)
    return Response(instance_resource(row, occurrence, invitees_max=limit))


def _readable(request: UserRequest, event_id: uuid.UUID, limit: int) -> AgendaRow:
    rows = access.with_exceptions([access.readable(request.user, event_id)])
    return access.with_invitees(rows, limit)[0]


def _listed(item: instances.Found, limit: int) -> dict[str, Any]:
    if item.occurrence is None or not item.row.event.recurrence_pattern:
        return event_resource(item.row, invitees_max=limit)
    return instance_resource(item.row, item.occurrence, invitees_max=limit)


def _last_seen(cursor: Cursor) -> datetime | None:
    if cursor.after is None:
        return None
    try:
        (name,) = cursor.after
        return parse_instance_id(name)
    except (ValueError, TypeError):
        raise BadRequest(access.NO_CURSOR) from None


def _window(request: UserRequest) -> instances.Window:
    return instances.Window(
        query_instant(request, "time_min"),
        query_instant(request, "time_max"),
        with_cancelled=bool(query_flag(request, "include_cancelled", default=True)),
    )
