"""Staff find a meeting: by words, people and ids, by what it is now, and by the organizer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activity.actors import Actor
from events.models import Event
from events.services.instances import update_instance
from events.services.invitations import invite_email, invite_user
from events.services.series import reschedule_event
from tests import factories
from tests.staff.holding import Holding, browser_of, with_role
from users.models import User
from users.roles import TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIST = reverse("admin:events_event_changelist")


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


@pytest.fixture
def staff() -> Client:
    return browser_of(factories.staff())


def planned(alice: User, title: str, starts_at: datetime, **how: Any) -> Event:
    times = factories.schedule(starts_at=starts_at, ends_at=starts_at + HOUR, **how)
    return factories.event(alice, schedule=times, title=title)


def found(staff: Client, **query: Any) -> set[str]:
    answer = staff.get(LIST, query)
    assert answer.status_code == 200, query
    return {event.title for event in answer.context["cl"].result_list}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "board",
        "BOARD quarterly",
        "figures",
        "alice",
        "dora@example.org",
        "bob@example",
        "dora board",
        "outside@partner",
    ],
)
def test_words_are_those_of_the_meeting_and_of_its_people(alice: User, staff: Client, text: str) -> None:
    board = factories.event(alice, title="Quarterly Board", description="All figures")
    Event.objects.filter(pk=board.pk).update(organizer_address="outside@partner.example")
    actor = Actor.by_api(alice)
    invite_user(event=board, invitee=factories.user("bob"), actor=actor)
    invite_email(event=board, email="dora@example.org", actor=actor)
    factories.event(factories.user("zoe"), title="Other")
    assert found(staff, q=text) == {"Quarterly Board"}


@pytest.mark.slow
def test_ids_are_of_the_meeting_its_room_and_its_organizer(alice: User, staff: Client) -> None:
    event = factories.event(alice, title="Mine")
    Event.objects.filter(pk=event.pk).update(uid="040000008200E00074C5B7101A82E00800000000")
    factories.event(factories.user("zoe"), title="Other")
    for text in (event.pk, event.room_id, alice.pk, "040000008200E00074C5B7101A82E00800000000"):
        assert found(staff, q=str(text)) == {"Mine"}, text
    assert found(staff, q=" ") == {"Mine", "Other"}


@pytest.mark.slow
def test_filters_are_by_what_a_meeting_is_now(alice: User, staff: Client) -> None:
    weekly = ("RRULE:FREQ=WEEKLY",)
    planned(alice, "past", NOW - timedelta(days=3))
    planned(alice, "running", NOW - HOUR / 2)
    planned(alice, "future", NOW + timedelta(days=3))
    series = planned(alice, "series", NOW - timedelta(days=13), pattern=weekly)
    planned(alice, "next series", NOW + HOUR, pattern=weekly)
    factories.event(alice, title="timeless", schedule=None)
    for query, titles in {
        "past": {"past"},
        "running": {"running", "series"},
        "future": {"future", "next series"},
        "none": {"timeless"},
        "nonsense": {"past", "running", "future", "series", "next series", "timeless"},
    }.items():
        assert found(staff, state=query) == titles, query
    assert found(staff, is_series="1") == {"series", "next series"}
    assert found(staff, is_series="0") == {"past", "running", "future", "timeless"}
    coming = series.starts_at + timedelta(days=14)  # type: ignore[operator]
    update_instance(event=series, original_starts_at=coming, actor=Actor.by_api(alice), columns={}, is_cancelled=True)
    assert found(staff, dates="cancelled") == {"series"}
    assert found(staff, dates="moved") == set()
    reschedule_event(
        event=series, actor=Actor.by_api(alice), starts_from=coming + timedelta(days=7), schedule={},
        columns={"title": "later"},
    )  # fmt: skip
    assert found(staff, is_series="split") == {"series", "later"}


@pytest.mark.slow
def test_list_says_what_each_meeting_is_now(alice: User, staff: Client) -> None:
    planned(alice, "past", NOW - timedelta(days=3))
    planned(alice, "running", NOW - HOUR / 2)
    planned(alice, "future", NOW + timedelta(days=3))
    series = planned(alice, "series", NOW - timedelta(days=13), pattern=("RRULE:FREQ=WEEKLY;COUNT=3",))
    first = series.starts_at
    assert first is not None
    states = {"past": "over", "running": "running", "future": "planned", "series": "series, next: 23 Nov 2026, 12:00"}

    def told() -> dict[str, str]:
        return {event.title: event.state_told for event in staff.get(LIST).context["cl"].result_list}

    assert told() == states
    actor = Actor.by_api(alice)
    later = first + timedelta(days=14)
    update_instance(event=series, original_starts_at=later, actor=actor, columns={"starts_at": later + 2 * HOUR})
    assert told()["series"] == "series, next: 23 Nov 2026, 14:00"
    update_instance(event=series, original_starts_at=later, actor=actor, columns={}, is_cancelled=True)
    assert told()["series"] == "over"


@pytest.mark.slow
def test_organizer_is_chosen_while_typing(alice: User, staff: Client) -> None:
    factories.event(alice, title="Mine")
    factories.event(factories.user("zoe"), title="Other")
    assert found(staff, created_by__exact=alice.pk) == {"Mine"}
    page = staff.get(LIST, {"created_by__exact": alice.pk, "q": "mine"}).content.decode()
    assert f'<option value="{alice.pk}" selected>{alice}</option>' in page
    assert '<input type="hidden" name="q" value="mine">' in page
    assert staff.get(LIST, {"created_by__exact": "nobody"}).status_code == 302


@pytest.mark.slow
def test_organizer_of_another_tenant_is_not_named() -> None:
    own, other = Holding("walnut"), Holding("marzipan")
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, own.tenant))
    assert found(boss, created_by__exact=own.owner.pk) == {"walnut"}
    page = boss.get(LIST, {"created_by__exact": other.owner.pk}).content.decode()
    assert "marzipan" not in page


@pytest.mark.slow
def test_list_costs_the_same_with_more_meetings(alice: User, staff: Client) -> None:
    counted = []
    for _round in range(2):
        for number in range(3):
            series = planned(alice, f"series {number}", NOW - timedelta(days=13), pattern=("RRULE:FREQ=WEEKLY",))
            first = series.starts_at
            assert first is not None
            update_instance(
                event=series, original_starts_at=first, actor=Actor.by_api(alice), columns={"title": "First"}
            )
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(LIST, {"q": "series"}).status_code == 200
        counted.append(len(captured))
    assert counted[0] == counted[1]
