"""No operation of the API needs more SQL statements when there are more rows of any kind; `make check` tries all.

The exact number for each operation is in the tests of its app: tests/events/test_statements.py
and tests/signaling/test_statements.py.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from tests.events.test_statements import fill_assets, fill_events, fill_exceptions, fill_invitees, fill_streams
from tests.sweeps import examples
from tests.test_permissions import TABLE, Operation, World, make_world
from users.models import User

pytestmark = pytest.mark.django_db
QUERY = {"per_page": "100", "invitees_max": "20"}
ELSEWHERE = {Operation("GET", "v1/smart_invites")}  # of an invite that a program made: tests/integrations/cronofy
OPERATIONS = [operation for operation in TABLE if operation not in ELSEWHERE][:: examples(6, 1)]
MORE = 15  # SQLite inserts as many in one statement
CALLERS = {
    "v1/events/{event}/invite": "invitee",
    "v1/smart_invites": "application",
    "webex/v1/events": "officer",
    "webex/v1/events/{event_key}": "officer",
}


def costs(world: World, *, times: int) -> dict[Operation, int]:
    """What every operation costs whoever may call it, when it is asked for the last of so many times."""
    found = {}
    for operation in OPERATIONS:
        caller = CALLERS.get(operation.path) or _usual_caller(operation.path)
        for _time in range(times):
            with CaptureQueriesContext(connection) as captured:
                answer = world.call(caller, operation, query=QUERY)
        assert answer.status_code < 300, (operation, answer.content)
        found[operation] = len(captured)
    return found


def _usual_caller(path: str) -> str:
    if path.startswith("v1/services/"):
        return "service"
    return "moderator" if "favorites" in path else "creator"


def fill(world: World, count: int) -> None:
    """So many more of each: events of the caller's, and what hangs on the one that the operations name."""
    event = Event.objects.get(pk=world.names["event"])
    circle: Any = SimpleNamespace(event=event, alice=event.created_by, bob=User.objects.get(pk=world.names["user"]))
    for more in (fill_invitees, fill_events, fill_exceptions, fill_assets, fill_streams):
        more(circle, count)


def test_every_operation_costs_the_same_however_much_there_is(settings: Any) -> None:
    settings.CALL_IN_TEL, settings.STUN_URIS = "+493012345678", ["stun:stun.example.org"]
    world = make_world()
    fill(world, 3)
    few = costs(world, times=2)  # a first answer fills caches
    fill(world, MORE)
    many = costs(world, times=1)
    dearer = {str(row): (few[row], many[row]) for row in OPERATIONS if many[row] > few[row]}
    assert dearer == {}
