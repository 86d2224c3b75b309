"""A page of events costs what it shows, whatever is asked for: on PostgreSQL rows and blocks, on SQLite the plans."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.models import Activity
from integrations.webex.events import made_of
from integrations.webex.formats import kinds_of
from integrations.webex.listing import Cursor, Filters, Page, page
from tests.plans import Plans
from tests.sweeps import examples

pytestmark = pytest.mark.django_db
COUNT, TENANTS, PEOPLE, PAGE = examples(1500, 3000), 2, 50, 10
TENANT, PERSON = uuid.UUID(int=2), uuid.UUID(int=1)
END = datetime(2026, 11, 20, tzinfo=UTC)
COMMON = ("room.created", "participant.joined", "room.updated", "user.signed_in", "room.deleted")


@pytest.fixture
def log() -> None:
    """One a minute, of tenants and people in turn; each hundredth is rarer than the others, and one file is a film."""
    film = {"filename": "a.webm", "namespace": "", "kind": "recording", "size": 1}
    Activity.objects.bulk_create(
        Activity(
            transaction_id=0,
            occurred_at=END - timedelta(minutes=COUNT - number),
            kind="asset.created" if number % 100 == 0 else COMMON[number % 5],
            tenant_id=uuid.UUID(int=TENANT.int + number % TENANTS),
            actor_kind="user",
            actor_id=uuid.UUID(int=PERSON.int + number // TENANTS % PEOPLE),
            via="api",
            subject_id=uuid.uuid4(),
            room_id=uuid.uuid4(),
            data=film if number % 100 == 0 else {"title": ""},
        )
        for number in range(COUNT)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


ASKED = {
    "everything": Filters(),
    "a common resource": Filters(resource="rooms"),
    "a rare one": Filters(resource="files"),
    "what never was": Filters(resource="tabs", type="deleted"),
    "a type": Filters(type="deleted"),
    "a person's": Filters(actor_id=PERSON),
    "a person's of a kind": Filters(resource="rooms", type="created", actor_id=PERSON),
    "nobody's": Filters(actor_id=uuid.uuid4()),
    "long ago": Filters(end=END - timedelta(minutes=COUNT * 0.9)),
    "a day of a rare one": Filters(resource="files", start=END - timedelta(days=1), end=END),
}


@pytest.mark.slow
@pytest.mark.usefixtures("log")
def test_page_reads_a_row_of_each_kind_and_what_it_shows() -> None:
    newest = Activity.objects.latest("position").position
    middle = Cursor(newest if connection.vendor == "sqlite" else 1, END - timedelta(minutes=COUNT // 2), newest // 2, 9)
    for name, filters in ASKED.items():
        for cursor in (None, middle):
            check = on_postgresql if connection.vendor == "postgresql" else on_sqlite
            check(lambda: page(TENANT, filters, maximum=PAGE, cursor=cursor), filters, name)  # noqa: B023 - called here


def on_postgresql(read: Callable[[], Page], filters: Filters, name: str) -> None:
    plans = Plans(read)
    # Of each kind the merge holds a row ready, of a rare one all; then the rows that are shown are read by their keys.
    most = len(kinds_of(filters.resource, filters.type)) + 3 * (PAGE + 3)
    assert plans.touched["activity_activity"] <= most, name
    assert plans.scanned == set(), name
    assert plans.sorted <= 2 * (PAGE + 3), name


def on_sqlite(read: Callable[[], Page], _filters: Filters, name: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        read()
    with connection.cursor() as cursor:
        for query in captured:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            steps = [row[3] for row in cursor.fetchall()]
            assert [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step] == [], name


@pytest.mark.usefixtures("log")
def test_page_of_many_kinds_takes_few_statements() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert len(page(TENANT, Filters(), maximum=PAGE).events) == PAGE
    assert len(captured) <= 5


@pytest.mark.usefixtures("log")
def test_what_is_looked_up_for_events_reads_no_more_than_they_need() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite counts no rows")
    rows = list(Activity.objects.filter(kind="asset.created").order_by("-position")[:PAGE])
    plans = Plans(lambda: list(made_of(rows)))
    assert plans.scanned == set()
    assert plans.touched["activity_activity"] <= 2 * PAGE
