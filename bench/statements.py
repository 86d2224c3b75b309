"""SQL statements, counted: those of each list and detail, and those that plan a meeting and invite to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.test import override_settings

from bench.measure import Reading, Run
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.test_statements import SIZES, fill_events, fill_invitees, statements

Fill = Callable[[Circle, int], None]


def reads(run: Run) -> Iterator[Reading]:
    """Each with 1, 30 and 100 events or invitees, asked by the creator and by an invitee."""
    requests: list[tuple[str, dict[str, Any], Fill]] = [
        ("/v1/events", {"per_page": 100}, fill_events),
        ("/v1/events", {"per_page": 100, "invitees_max": 20}, fill_events),
        ("/v1/events", {"per_page": 100, "time_min": "2026-11-24T00:00:00Z"}, fill_events),
        ("/v1/events/instances", {"per_page": 100, "time_min": "2026-12-01T00:00:00Z"}, fill_events),
        ("{event}", {}, fill_invitees),
        ("{event}", {"invitees_max": 50}, fill_invitees),
        ("{event}/instances", {}, fill_invitees),
        ("{event}/invites", {"per_page": 20}, fill_invitees),
        ("{room}/invites", {"per_page": 100}, fill_invitees),
        ("{room}", {}, fill_invitees),
        ("/v1/users/me", {}, fill_events),
        ("/v1/users/me/pending_invites", {}, fill_events),
    ]
    for path, query, fill in requests:
        with _circle() as circle:
            found = list(_costs(circle, path.format(event=circle.path, room=circle.room_path), query, fill))
        yield _counted(" ".join(["GET", path, *(f"{name}={value}" for name, value in query.items())]), found)


def _costs(circle: Circle, path: str, query: dict[str, Any], fill: Fill) -> Iterator[int]:
    filled = 1
    for size in SIZES:
        fill(circle, size - filled)
        filled = size
        yield max(_statements("GET", user, path, query=query) for user in (circle.alice, circle.bob))


def writes(run: Run) -> Iterator[Reading]:
    """With nothing there and with 50 invitees, or 50 events in the agenda."""
    with _circle() as circle:
        body = factories.WEEKLY | {"streaming_targets": []}
        found = [_statements("POST", circle.alice, "/v1/events", body)]
        fill_events(circle, 50)
        found.append(_statements("POST", circle.alice, "/v1/events", body))
        yield _counted("POST /v1/events", found)
    for name in ("invitee", "email"):
        with _circle() as circle:
            found = []
            for size in (0, 50):
                fill_invitees(circle, size)
                who = str(factories.user().pk) if name == "invitee" else f"{size}@example.org"
                found.append(_statements("POST", circle.alice, f"{circle.path}/invites", {name: who}))
            yield _counted(f"POST {{event}}/invites, {name}", found)


def _statements(method: str, user: Any, path: str, body: Any = None, query: dict[str, Any] | None = None) -> int:
    api = Api(user)
    return statements(lambda: api.request(method, path, body, query=query))


def _counted(name: str, found: list[int]) -> Reading:
    # The first size is smaller than a page, and what ends on the page need not be counted.
    return Reading(
        name=name,
        value=max(found),
        ours="-".join(map(str, sorted(set(found)))),
        is_constant=found[-1] == found[len(found) // 2] if len(found) > 2 else len(set(found)) == 1,
    )


@contextmanager
def _circle() -> Iterator[Circle]:
    with override_settings(CALL_IN_TEL="+493012345678"), transaction.atomic():
        yield Circle(streaming_targets=[], schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
        transaction.set_rollback(True)
