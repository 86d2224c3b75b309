"""The dashboard costs what its two weeks hold, not what the site has: PostgreSQL's own account, with 100,000 rows."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from events.models import Event
from invites.models import Reply
from mailer.models import OutgoingMail
from operations.dashboard.figures import DAYS, MOST_ERRORS_READ
from operations.models import JobRun
from tests import factories
from tests.plans import Plans
from tests.staff.holding import browser_of, with_role
from users.models import User
from users.roles import TENANT_ADMINISTRATOR

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="explains what PostgreSQL does"),
]
COUNT, SPREAD_DAYS = 100_000, 700
IN_WINDOW = COUNT * (DAYS + 1) // SPREAD_DAYS
TABLES = {model._meta.db_table for model in (OutgoingMail, Event, Reply, JobRun)}
NEW_ID = "gen_random_uuid()"
LONG_AGO = f"now() - n * interval '{SPREAD_DAYS} days' / {COUNT}"


def multiply(row: Model, **columns: str) -> None:
    """COUNT copies of the row with these columns, as SQL with a number `n`."""
    fields = [field for field in row._meta.concrete_fields if not field.generated]
    into = ", ".join(field.column for field in fields)
    values = ", ".join(columns.get(field.column, field.column) for field in fields)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({into}) SELECT {values} FROM {table}, generate_series(1, {COUNT}) n"
            f" WHERE {row._meta.pk.column} = %s",
            [row.pk],
        )


@pytest.fixture
def owner() -> User:
    """Of a tenant that has a tenth of everything; all of it is spread over two years."""
    owner = factories.user("alice")
    event = factories.event(owner)
    tenants = f"CASE WHEN mod(n, 10) = 0 THEN '{owner.tenant_id}' ELSE '{factories.tenant('other').pk}' END::uuid"
    mail = OutgoingMail.objects.create(
        kind="external_event_invite", message={}, cause=uuid.uuid4(), address="x@example.org", language="en"
    )
    multiply(
        mail,
        id=NEW_ID,
        cause=NEW_ID,
        created_at=LONG_AGO,
        next_try_at=LONG_AGO,
        sent_at="now()",
        tenant_id=tenants,
        state="CASE WHEN n < 100 THEN 'queued' WHEN mod(n, 4) = 0 THEN 'failed' ELSE 'sent' END",
        last_error="'550 a' || n || '@example.org is unknown'",
    )
    # All of them in one room, which is no matter here.
    as_part = {"uid": f"{NEW_ID}::text", "series": NEW_ID, "continued_by_id": "NULL", "tenant_id": tenants}
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX event_room_unique_in_last_part")
    multiply(event, id=NEW_ID, created_at=LONG_AGO, **as_part)
    now = timezone.now()
    reply = Reply.objects.create(
        event_id=event.pk, address="x@example.org", status="accepted", via="api", sequence=0, dtstamp=now
    )
    multiply(reply, id=NEW_ID, received_at=LONG_AGO)
    run = JobRun.objects.create(job="deliver-mail", state="succeeded", expires_at=now + timedelta(hours=1))
    multiply(run, id=NEW_ID, started_at="now() - n * interval '30 seconds'")
    interval = IntervalSchedule.objects.create(every=30, period="seconds")
    PeriodicTask.objects.create(name="deliver-mail", task="operations.tasks.run_job", interval=interval)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return owner


def test_dashboard_reads_its_two_weeks(owner: User) -> None:
    statements, reads = [], []
    for person in (factories.staff(), with_role(TENANT_ADMINISTRATOR, owner.tenant)):
        browser = browser_of(person)
        with CaptureQueriesContext(connection) as captured:
            page = browser.get("/admin/")
        statements.append(len(captured))
        assert page.status_code == 200
        assert len(page.content) < 200_000
        plans = Plans(lambda: browser.get("/admin/"))  # noqa: B023 - called here
        assert {node["Relation Name"] for node in plans.nodes() if node["Node Type"] == "Seq Scan"}.isdisjoint(TABLES)
        reads.append({table: plans.touched[table] for table in TABLES})
    assert max(statements) < 20
    for read in reads:
        assert read["mailer_outgoingmail"] <= 2.2 * IN_WINDOW + MOST_ERRORS_READ, reads
        assert read["events_event"] <= 2.2 * IN_WINDOW, reads
        assert read["invites_reply"] <= 1.1 * IN_WINDOW, reads
        assert read["operations_jobrun"] < 100, reads
