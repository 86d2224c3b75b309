"""Staff find activities by names, addresses, titles and ids, by an index and never by reading the whole log."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity, Audience
from activity.search import matching, words_of
from events.models import Event
from events.services.events import delete_event, update_event
from events.services.invitations import invite_email, invite_user
from tests import factories
from tests.plans import Plans
from tests.staff.holding import browser_of, with_role
from users import services
from users.models import User
from users.roles import TENANT_ADMINISTRATOR

COUNT, PEOPLE, TENANTS, PAGE = 3000, 1000, 10, 10


def test_words_are_folded_and_addresses_have_parts() -> None:
    assert words_of("Zoë  ADAMS", "bob.brown@Example.com", "“Kick-off”!").split() == [
        "adams", "bob", "bob.brown@example.com", "brown", "com", "example", "example.com", "kick", "kick-off", "off",
        "zoë",
    ]  # fmt: skip
    assert words_of("", " ! ") == ""
    assert len(words_of("a" * 3000)) == 100


@pytest.fixture
def weekly(db: None) -> Event:
    alice, bob = factories.user("alice", display_name="Alice Adams"), factories.user("bob", display_name="Bob Berger")
    event = factories.event(alice, title="Jour fixe: Straße", suppress_mail=True)
    actor = Actor.by_api(alice)
    invite_user(event=event, invitee=bob, actor=actor, suppress_mail=True)
    invite_email(event=event, email="o'dora@example.org", actor=actor, suppress_mail=True)
    return event


def kinds_by(text: str) -> list[str]:
    return list(Activity.objects.filter(matching(text)).order_by("position").values_list("kind", flat=True))


@pytest.mark.parametrize(
    "text",
    ["jour", "Jour fixe", "STRASSE", "alice adams jour", "alice@example.com", "example.com fix"],
)
def test_title_and_person_find_all_of_the_meeting(weekly: Event, text: str) -> None:
    assert [kind for kind in kinds_by(text) if kind.startswith("event.")] == ["event.created"]
    assert "invite.added" in kinds_by(text)


def test_invitee_is_found_by_name_and_address(weekly: Event) -> None:
    assert kinds_by("berger") == kinds_by("bob@example.com") == kinds_by("bob berg jour") == ["invite.added"]
    assert kinds_by("o'dora@example.org")[-1] == "invite.added"


@pytest.mark.parametrize("text", ["our", "erger", "nobody", "' :*", "\\", "!", "&", "x | alice", "%", "_"])
def test_what_no_word_begins_with_finds_nothing(weekly: Event, text: str) -> None:
    assert kinds_by(text) == []


def test_deleted_meeting_is_found_by_what_it_was_called(weekly: Event) -> None:
    update_event(event=weekly, actor=Actor.by_api(weekly.created_by), columns={"title": "Renamed"}, suppress_mail=True)
    delete_event(event=weekly, actor=Actor.by_api(weekly.created_by), suppress_mail=True)
    assert "event.deleted" in kinds_by("renamed")
    assert "event.deleted" not in kinds_by("jour")


def listed(browser: Any, text: str) -> str:
    answer = browser.get("/admin/activity/activity/", {"q": text})
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.slow
def test_persons_id_finds_what_that_person_did_and_what_concerned_it(weekly: Event) -> None:
    boss = factories.staff()
    bob = User.objects.get(username="bob")
    services.update_account(user=bob, actor=Actor.by_admin(boss), title="Dr.")
    carol = factories.user("carol")
    factories.event(bob, title="Own", suppress_mail=True)
    factories.event(carol, title="Foreign", suppress_mail=True)
    page = listed(browser_of(boss), str(bob.pk))
    assert "Activity about Bob Berger (user)" in page
    for told in ("bob@example.com</p>", "“Own”", "“Jour fixe: Straße”", "changed the account"):
        assert told.replace("bob@example.com</p>", "invited bob@example.com") in page
    assert "Foreign" not in page


@pytest.mark.slow
def test_id_of_an_event_or_a_request_finds_its_trail(weekly: Event) -> None:
    browser = browser_of(factories.staff())
    assert "invited bob@example.com" in listed(browser, str(weekly.pk))
    Activity.objects.filter(kind="invite.added").update(request_id="req-1")
    page = listed(browser, "req-1")
    assert "invited bob@example.com" in page
    assert "planned the meeting" not in page


@pytest.mark.slow
def test_tenant_administrator_finds_own_activities_alone(weekly: Event) -> None:
    other = browser_of(with_role(TENANT_ADMINISTRATOR, factories.tenant("other")))
    for text in ("jour", "alice", str(weekly.created_by_id), str(weekly.pk)):
        page = listed(other, text)
        assert "Alice Adams" not in page
        assert "fixe" not in page.replace(f'value="{text}"', "")


# --- plans ---


def log(count: int) -> None:
    now = timezone.now()
    rows = Activity.objects.bulk_create(
        Activity(
            transaction_id=1, occurred_at=now - timedelta(minutes=number), kind="event.updated", via="api",
            tenant_id=uuid.UUID(int=1000 + number % TENANTS), actor_kind="user", subject_type="event",
            actor_id=uuid.UUID(int=2000 + number % PEOPLE), subject_id=uuid.UUID(int=3000 + number),
            event_id=uuid.UUID(int=3000 + number), room_id=uuid.UUID(int=9000 + number), request_id=f"req-{number}",
            search_text=words_of(f"Person{number % PEOPLE:04}", f"Meeting{number}", "example.com"),
        )
        for number in range(count)
    )  # fmt: skip
    Audience.objects.bulk_create(
        Audience(activity=row, transaction_id=1, user_id=uuid.UUID(int=2000 + (number + 1) % PEOPLE))
        for number, row in enumerate(rows)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE activity_activity, activity_audience")


@pytest.mark.slow
def test_searches_read_what_they_find_by_indexes(postgresql: None, rf: RequestFactory) -> None:
    log(COUNT)
    pages = admin.site._registry[Activity]
    request: HttpRequest = rf.get("/admin/")
    request.user = factories.staff()
    day = timezone.now() - timedelta(minutes=500)
    wanted: dict[str, dict[str, Any]] = {
        "name": {"q": "person0007"},
        "title": {"q": "meeting77 person0077"},
        "person": {"q": str(uuid.UUID(int=2007))},
        "event": {"q": str(uuid.UUID(int=3007))},
        "room": {"q": str(uuid.UUID(int=9007))},
        "request": {"q": "req-77"},
        "rare way": {"via": "admin"},
        "kind": {"kind": "invite.added"},
        "hour": {"occurred_at__gte": day, "occurred_at__lt": day + timedelta(minutes=60)},
    }
    for name, filters in wanted.items():
        rows = pages.get_queryset(request).order_by("-position")
        text = str(filters.pop("q", ""))
        rows, _is_twice = pages.get_search_results(request, rows.filter(**filters), text)
        plans = Plans(lambda: list(rows[:PAGE]))  # noqa: B023 - called here
        assert plans.scanned == set(), name
        assert max(plans.touched.values()) <= 130, (name, plans.touched)
