"""v1/stream and v1/activity: what happened, for whom it concerns, as it happens and afterwards."""

import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from activity import reader
from activity.kinds import KINDS
from activity.reader import Cursor as Place
from integrations.streams import access
from integrations.streams.errors import TooManyStreams
from integrations.streams.feed import Client, feed
from integrations.streams.serializers import ActivityResource
from integrations.streams.told import LONGEST_CURSOR, MOST, cursor_text, read_cursor, told_to
from rest.errors import BadRequest
from rest.fields import query_id, query_instant, query_words, several
from rest.live import EVENT_STREAM, IDLE_SECONDS, EventStreamAccepted, LiveResponse, event, retry
from rest.pagination import CURSOR_PARAMETERS, MAX_PER_PAGE, Cursor
from rest.schema import answer_header, may_raise, text_parameter
from users.authentication import UserRequest

HEADER = "Last-Event-ID"
GRACE_SECONDS = 5  # a stream ends by itself, unless its client takes nothing
FILTERS = [
    text_parameter("kind", 2000, "Comma separated, such as event.created,event.deleted"),
    OpenApiParameter("room", OpenApiTypes.UUID, description="Only activity of this room"),
    OpenApiParameter("event", OpenApiTypes.UUID, description="Only activity of this event"),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="RFC 3339; only activity at or after this time"),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="RFC 3339; only activity before this time"),
]


class StreamView(APIView):
    content_negotiation_class = EventStreamAccepted

    @may_raise(BadRequest, TooManyStreams)
    @extend_schema(
        summary="Follow what concerns you",
        parameters=[
            text_parameter(
                HEADER, LONGEST_CURSOR, "Resume after this id and miss nothing", location=OpenApiParameter.HEADER
            ),
            answer_header("Cache-Control", 200, "no-store"),
        ],
        responses={(200, EVENT_STREAM): OpenApiResponse(OpenApiTypes.BINARY, description="Server-sent events")},
    )
    def get(self, request: UserRequest) -> LiveResponse:
        """An event stream (HTML, 9.2): events named `activity` whose data is one item of GET /v1/activity.

        Without Last-Event-ID it begins now. A comment comes every 20 seconds. The stream ends with the token, and when
        its person signs out everywhere or is disabled: connect again with a fresh token and the last id.
        """
        text = request.headers.get(HEADER, "")
        if feed.is_full(request.user.pk):
            raise TooManyStreams(IDLE_SECONDS)
        place = _resumed(text) if text else reader.now()
        claims: Any = request.auth
        client = Client(request.user.pk, place, claims["iat"])
        seconds = max(0.0, claims["exp"] + settings.OIDC_LEEWAY_SECONDS - time.time())
        return LiveResponse(
            lambda: feed.stream(client, seconds),
            lambda: _at_once(request.user.pk, place),
            seconds=seconds + GRACE_SECONDS,
        )


def _resumed(text: str) -> Place:
    place = read_cursor(text, f"The header {HEADER}")
    if not reader.is_of_this_log(place):
        raise BadRequest(f"The header {HEADER} is of another log; read everything anew and connect without it")
    return place


def _at_once(user_id: Any, place: Place) -> Iterator[bytes]:
    yield retry() + event(b"", event_id=cursor_text(place))
    for _place, frame in access.caught_up(user_id, place):
        yield frame


class ActivityView(APIView):
    @extend_schema(
        summary="List what concerned you",
        parameters=[*FILTERS, *CURSOR_PARAMETERS],
        responses=several(ActivityResource, MAX_PER_PAGE),
    )
    def get(self, request: UserRequest) -> Response:
        """The newest first. A stream that resumes with the first item's id goes on from this list.

        With filters a page may have fewer items than there are, even none; the list ends where no Link is.
        """
        cursor = Cursor(request)
        rows, last = access.page(request.user.pk, _place(cursor.after), cursor.per_page, _filters(request))
        return cursor.response([told_to(row) for row in rows], after=list(last) if last else None)


def _place(after: list[Any] | None) -> Place | None:
    if after is None:
        return None
    if len(after) != 2 or not all(type(number) is int and 0 <= number <= MOST for number in after):
        raise BadRequest("The query parameter after is not a cursor of this list")
    return Place(*after)


def _filters(request: UserRequest) -> dict[str, Any]:
    wanted = {
        "kind__in": query_words(request, "kind", KINDS),
        "room_id": query_id(request, "room"),
        "event_id": query_id(request, "event"),
        "occurred_at__gte": query_instant(request, "since"),
        "occurred_at__lt": query_instant(request, "until"),
    }
    return {f"activity__{name}": value for name, value in wanted.items() if value}
