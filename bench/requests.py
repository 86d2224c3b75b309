"""Whole requests: the WSGI callable in this process, as a server calls it, with a token that was really signed."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.test import override_settings
from django.urls import path

from bench import recurrence
from bench.measure import Reading, Run, micro
from events.models import Agenda, Event, EventException
from opentalk_site.urls import urlpatterns as site
from tests import factories
from tests.api import token
from tests.circle import Circle
from tests.events.test_statements import fill_events
from users.models import User

PAGE = 30
MOVED = {"kind": EventException.Kind.MODIFIED, "title": "Not as always", "description": "This once only"}


def floor_view(request: HttpRequest) -> JsonResponse:
    """One indexed query for the same page: the rows of the agenda alone, no sign-in, no event, no person."""
    rows = Agenda.objects.filter(user_id=request.GET["user"]).order_by("sort_at", "created_at", "event_id")
    return JsonResponse(list(rows.values("event_id", "sort_at", "role", "invite_status")[:PAGE]), safe=False)


urlpatterns = [*site, path("bench/floor", floor_view)]


def events_page(run: Run) -> Iterator[Reading]:
    with _site(events=PAGE) as (get, user):

        def reading(name: str, *, is_judged: bool = False, **query: Any) -> Reading:
            body = get("/v1/events", **query)
            found = run.compare(lambda: get("/v1/events", **query), lambda: get("/bench/floor", user=user.pk))
            return Reading(
                name=f"GET /v1/events, {name} ({len(body) / 1000:.0f} kB)",
                value=found.ratio,
                ours=micro(found.ours),
                floor=micro(found.floor),
                is_judged=is_judged,
                is_steady=found.is_steady,
            )

        yield reading("invitees_max=0", invitees_max=0, is_judged=True)
        yield reading("invitees_max=20", invitees_max=20)
        EventException.objects.bulk_create(
            EventException(event=event, original_starts_at=event.starts_at, created_by=user, updated_by=user, **MOVED)
            for event in Event.objects.all()
        )
        yield reading("an exception to each", invitees_max=0)


def month_of_series(run: Run) -> Iterator[Reading]:
    """What the engine needs, and for information a page of the list that is made by it."""
    yield from recurrence.many(run)
    window = {"time_min": "2026-12-01T00:00:00Z", "time_max": "2027-01-01T00:00:00Z", "per_page": 100}
    with _site(events=1000) as (get, user):
        shown = len(orjson.loads(get("/v1/events/instances", **window)))
        found = run.compare(lambda: get("/v1/events/instances", **window), lambda: get("/bench/floor", user=user.pk))
        yield Reading(
            name=f"GET /v1/events/instances, {shown} on the page",
            value=found.ours / shown * 1e6,
            ours=micro(found.ours),
            floor=micro(found.floor),
            is_judged=False,
            is_steady=found.is_steady,
        )


@contextmanager
def _site(events: int) -> Iterator[tuple[Callable[..., bytes], User]]:
    """How somebody asks who has so many weekly series, each with a guest, another invitee, a dial-in and a stream."""
    with override_settings(ROOT_URLCONF=__name__, CALL_IN_TEL="+493012345678"):
        # Rows are committed and later wiped: a server's end of a request closes a connection that is in a transaction.
        circle = Circle(streaming_targets=[], schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
        fill_events(circle, events - 1)
        yield _getter(f"Bearer {token(circle.alice, lifetime=3600)}"), circle.alice
        call_command("flush", interactive=False, verbosity=0)


def _getter(authorization: str) -> Callable[..., bytes]:
    application = get_wsgi_application()

    def get(path: str, **query: Any) -> bytes:
        statuses: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": urlencode(query),
            "HTTP_AUTHORIZATION": authorization,
            "HTTP_ACCEPT": "*/*",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
        }
        response = application(environ, lambda status, headers: statuses.append(status))
        body = b"".join(response)
        response.close()
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path} answers {statuses[0]}: {body[:200]!r}")
        return body

    return get
