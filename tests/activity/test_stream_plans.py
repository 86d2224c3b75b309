"""Each stream of the log is one range of one index: a page of it costs what it shows, on both databases."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.models import Activity, Audience
from activity.reader import Cursor, after, seen_by
from tests.plans import Plans
from tests.sweeps import examples

COUNT, PEOPLE, TENANTS, PAGE = examples(1500, 3000), 20, 50, 10
PERSON, TENANT = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture
def log(db: None) -> Cursor:
    """Activities of several tenants and people in turn, long settled; a cursor in the midst of it."""
    Activity.objects.bulk_create(
        Activity(
            transaction_id=number // 7 if connection.vendor == "postgresql" else 0,
            occurred_at=timezone.now(),
            kind="room.deleted",
            tenant_id=uuid.UUID(int=TENANT.int + number % TENANTS),
            actor_kind="job",
            via="job",
            subject_id=uuid.uuid4(),
        )
        for number in range(COUNT)
    )
    rows = list(Activity.objects.order_by("position").values_list("position", "transaction_id"))
    Audience.objects.bulk_create(
        Audience(activity_id=position, transaction_id=transaction_id, user_id=uuid.UUID(int=PERSON.int + person))
        for number, (position, transaction_id) in enumerate(rows)
        for person in {number % PEOPLE, 0}
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    position, transaction_id = rows[COUNT // 2]
    return Cursor(transaction_id, position)


STREAMS: dict[str, tuple[Callable[[Cursor], Sequence[Any]], str]] = {
    "everything": (
        lambda cursor: after(cursor, limit=PAGE),
        "activity_activity USING INTEGER PRIMARY KEY (rowid>?)",
    ),
    "tenant": (
        lambda cursor: after(cursor, tenant_id=TENANT, limit=PAGE),
        "activity_activity USING INDEX activity_tenant (tenant_id=? AND transaction_id=? AND position>?)",
    ),
    "person": (
        lambda cursor: seen_by(PERSON, cursor, limit=PAGE),
        "activity_audience USING INDEX sqlite_autoindex_activity_audience_1"
        " (user_id=? AND transaction_id=? AND activity_id>?)",
    ),
}


def test_page_is_one_range_of_one_index(log: Cursor) -> None:
    for name, (read, search) in STREAMS.items():
        with CaptureQueriesContext(connection) as captured:
            assert len(read(log)) == PAGE
        if connection.vendor == "postgresql":
            plans = Plans(lambda: read(log))  # noqa: B023 - called here
            assert (max(plans.touched.values()), plans.scanned, plans.sorted) == (PAGE, set(), 0), name
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
            steps = [row[3] for row in cursor.fetchall()]
        assert steps[0] == f"SEARCH {search}", name
        assert [step for step in steps[1:] if "USING INTEGER PRIMARY KEY" not in step] == [], name
