"""Lists cost what a page shows, not what somebody has: PostgreSQL's own account of it, with 100,000 events (G4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from events import agenda
from events.models import Event
from tests import crowd
from tests.api import Api
from tests.crowd import MOST, Crowd
from tests.databases import Postgresql, fresh_database
from tests.plans import Plans

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="explains what PostgreSQL does"),
]
# A row is put together from eight tables, each by an index of two or three blocks.
MOST_BLOCKS_PER_ROW = 24


@pytest.fixture(scope="module")
def people(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Crowd]:
    """In a database of their own, a copy of the tests' empty one."""
    with django_db_blocker.unblock():
        empty = Postgresql(connection.settings_dict["NAME"])
        _disconnect()
        with fresh_database("postgresql", Path(), template=empty) as full:
            connection.settings_dict["NAME"] = full.name
            _drop_dead_rows()
            yield crowd.load()
            _disconnect()
            connection.settings_dict["NAME"] = empty.name


def _drop_dead_rows() -> None:
    """What earlier tests rolled back still fills pages, and reading a small table would cost hundreds of blocks."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM FULL")


def _disconnect() -> None:
    """Also what other tests' threads have left in the pool."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def test_page_reads_what_it_shows(people: Crowd) -> None:
    api = Api(people.bob)
    wrong = {}
    for request in people.requests():
        plans = Plans(lambda: api.get(request.path, **request.query))  # noqa: B023 - called here
        most = MOST + request.besides
        is_long = max(*plans.touched.values(), plans.sorted, plans.blocks / MOST_BLOCKS_PER_ROW) > most
        if is_long or plans.scanned:
            wrong[request.name] = dict(plans.touched), plans.sorted, plans.scanned, plans.blocks
    assert wrong == {}


def test_rows_are_those_that_services_write(people: Crowd) -> None:
    """The measure is worth something only where the crowd's agenda is a true one."""
    assert agenda.differences(Event.objects.order_by("uid")[:500]) == []
