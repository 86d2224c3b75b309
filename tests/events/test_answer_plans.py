"""What is asked again and again of all answers is found by an index, on both databases."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import access
from events.digest_models import Digest
from events.models import Event
from events.services.digests import overdue
from invites.models import Reply
from tests import factories
from tests.plans import Plans
from tests.sweeps import examples
from users.models import User

pytestmark = pytest.mark.django_db
COUNT, FOUND = examples(1000, 20_000), 5


@pytest.fixture
def event() -> Event:
    """Many answers and organizers, of which few matter now."""
    planner, now = factories.user("planner"), timezone.now()
    event = factories.event(planner)
    people = factories.users(*(f"other{number}" for number in range(COUNT // 10)))
    Digest.objects.bulk_create([Digest(user=person) for person in people])
    Digest.objects.create(user=planner, due_at=now - timedelta(minutes=1))
    Reply.objects.bulk_create(
        Reply(
            event_id=event.pk if number < 2 * FOUND else uuid.uuid4(),
            address="bob@example.com",
            status="tentative",
            via="api",
            sequence=0,
            dtstamp=now,
            proposal_state="open" if number < FOUND else "",
            untold_to=planner if number < FOUND else None,
        )
        for number in range(COUNT)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return event


QUESTIONS: dict[str, tuple[Callable[[Event], Any], int, str]] = {
    "who is due a mail": (lambda _event: overdue(timezone.now()), 1, "digest_due"),
    "what it tells": (lambda event: Reply.objects.filter(untold_to=event.created_by_id), FOUND, "reply_untold"),
    "what is proposed": (access.proposals, FOUND, "reply_"),
}


def test_each_question_is_answered_by_its_index(event: Event) -> None:
    assert User.objects.count() > FOUND
    for name, (ask, count, index) in QUESTIONS.items():
        with CaptureQueriesContext(connection) as captured:
            assert len(list(ask(event))) == count, name
        if connection.vendor == "postgresql":
            plans = Plans(lambda: list(ask(event)))  # noqa: B023 - called here
            assert plans.scanned & {"events_digest", "invites_reply"} == set(), name
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {captured[-1]['sql']}")
            assert index in str(cursor.fetchall()), name
