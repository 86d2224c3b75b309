"""webex/v1/events: the log in Webex's words, for compliance officers."""

from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from activity.actors import Actor
from integrations.webex import filters, ids
from integrations.webex.access import IsComplianceOfficer
from integrations.webex.errors import WebexView
from integrations.webex.filters import ALL, CALLING, DEFAULT_MAX, KNOWN_TYPES, MOST
from integrations.webex.formats.table import RESOURCES
from integrations.webex.listing import LONGEST_CURSOR
from integrations.webex.serializers import EventAnswer, EventsAnswer
from integrations.webex.services import list_events, read_event
from integrations.webex.times import LONGEST
from rest.errors import NotFound
from rest.schema import answer_header, number_parameter, text_parameter
from users.authentication import UserRequest

LINK = answer_header("Link", 200, "The address of the next page, with rel=next (RFC 8288)")
NAMES = ("resource", "type", "actorId", "from", "to", "max", "serviceType", "cursor")
LONGEST_TOLD = 1000  # of a query in the log


class WebexEventsView(WebexView):
    permission_classes = (IsComplianceOfficer,)

    @extend_schema(
        summary="List what happened in the organization",
        parameters=[
            LINK,
            OpenApiParameter("resource", {"type": "string", "enum": [*RESOURCES]}, description="Only of this resource"),
            OpenApiParameter(
                "type", {"type": "string", "enum": [*KNOWN_TYPES]}, description=f"Only of this type; {ALL} is any"
            ),
            text_parameter("actorId", ids.LONGEST, "Only what this person did"),
            text_parameter("from", LONGEST, "Only since this time"),
            text_parameter("to", LONGEST, "Only before this time, which is not in the future; without it up to now"),
            number_parameter("max", DEFAULT_MAX, "How many at most", minimum=1, maximum=MOST),
            OpenApiParameter(
                "serviceType", {"type": "string", "enum": [CALLING]}, description="With convergedRecordings"
            ),
            text_parameter("cursor", LONGEST_CURSOR, "Where the list goes on; from the header Link"),
        ],
        responses=EventsAnswer,
    )
    def get(self, request: UserRequest) -> Response:
        """The newest first. For compliance officers; each page that is read is itself in the log."""
        query = request.query_params
        asked = filters.read(query)
        given = {name: query[name] for name in NAMES if query.get(name)}
        actor = Actor.by_api(request.user)
        page = list_events(reader=request.user, asked=asked, filters=urlencode(given)[:LONGEST_TOLD], actor=actor)
        answer = Response({"items": [event.resource() for event in page.events]})
        if page.next is not None:
            again = given | {"cursor": page.next.written()}
            answer["Link"] = f'<{request.build_absolute_uri(request.path)}?{urlencode(again)}>; rel="next"'
        return answer


class WebexEventView(WebexView):
    permission_classes = (IsComplianceOfficer,)

    @extend_schema(
        summary="Read one event",
        parameters=[text_parameter("event_key", ids.LONGEST, "Its id", location=OpenApiParameter.PATH)],
        responses=EventAnswer,
    )
    def get(self, request: UserRequest, event_key: str) -> Response:
        """For compliance officers; it is itself in the log."""
        event_id = ids.read(event_key, ids.EVENT)
        if event_id is None:
            raise NotFound
        return Response(read_event(reader=request.user, event_id=event_id, actor=Actor.by_api(request.user)).resource())
