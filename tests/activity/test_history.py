"""What staff read of an object's history: who did what, with old and new values in words."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from activity.actors import Actor
from activity.history.entries import Entry, entries
from activity.kinds import DigestUpdated
from activity.log import record
from activity.models import Activity
from events.models import Event
from events.services.events import delete_event, update_event
from events.services.instances import update_instance
from events.services.invitations import invite_email
from operations.models import JobRun
from tests import factories
from tests.staff.holding import Holding, browser_of, with_role
from tests.traces import Traces
from users import services
from users.models import Tariff, User
from users.roles import SUPPORT, TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/admin/")
    request.user = factories.staff()
    return request


@pytest.fixture
def weekly(alice: User) -> Event:
    return factories.event(
        alice, title="<b>Weekly</b>", schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)), suppress_mail=True
    )


@pytest.fixture
def alice() -> User:
    return factories.user("alice", display_name="Alice Adams")


def told(traces: Traces, request: HttpRequest) -> list[Entry]:
    with timezone.override("Europe/Berlin"):
        return entries(traces.log(), request)


def pairs(entry: Entry) -> list[tuple[str, str, str]]:
    return [(change.label, change.old, change.new) for change in entry.changes]


def test_sentence_links_what_still_exists(weekly: Event, alice: User, request_: HttpRequest) -> None:
    traces = Traces()
    update_event(event=weekly, actor=Actor.by_api(alice), columns={"title": "Daily"}, suppress_mail=True)
    (entry,) = told(traces, request_)
    assert entry.sentence == (
        f'<a href="/admin/users/user/{alice.pk}/change/">Alice Adams</a> changed the meeting '
        f'<a href="/admin/events/event/{weekly.pk}/change/">“Daily”</a>'
    )
    assert pairs(entry) == [("Title", "<b>Weekly</b>", "Daily")]


def test_deleted_object_keeps_its_name_and_has_no_link(weekly: Event, alice: User, request_: HttpRequest) -> None:
    traces = Traces()
    delete_event(event=weekly, actor=Actor.by_api(alice), suppress_mail=True)
    cancelled = told(traces, request_)[0]
    assert cancelled.sentence.endswith("cancelled the meeting “&lt;b&gt;Weekly&lt;/b&gt;”")


def test_moved_date_is_told_in_the_readers_zone_and_language(weekly: Event, alice: User, request_: HttpRequest) -> None:
    traces = Traces()
    first = datetime(2026, 11, 23, 9, tzinfo=UTC)
    times = {"starts_at": datetime(2026, 11, 23, 13, tzinfo=UTC), "starts_at_zone": "Europe/Berlin"}
    update_instance(event=weekly, original_starts_at=first, actor=Actor.by_api(alice), columns=times)
    with translation.override("de"):
        (entry,) = told(traces, request_)
        assert "hat einen Termin von" in entry.sentence
        assert "(Mo., 23. Nov. 2026)" in entry.sentence
        day = "Montag, 23. November 2026"
        assert pairs(entry)[0] == ("Beginn", f"{day}, 10:00 (MEZ)", f"{day}, 14:00 (MEZ)")


def test_pattern_is_told_in_words(weekly: Event, alice: User, request_: HttpRequest) -> None:
    traces = Traces()
    schedule = {"pattern": ("RRULE:FREQ=DAILY",)}
    update_event(event=weekly, actor=Actor.by_api(alice), columns={}, schedule=schedule, suppress_mail=True)
    (entry,) = told(traces, request_)
    assert pairs(entry) == [("Recurrence", "every week on Monday", "every day")]


def test_days_of_the_whole_day_are_told_as_days(weekly: Event, alice: User, request_: HttpRequest) -> None:
    traces = Traces()
    begin, end = (datetime(2026, 11, day, 23, tzinfo=UTC) for day in (22, 23))  # midnights in Berlin
    schedule = {"is_all_day": True, "starts_at": begin, "ends_at": end}
    update_event(event=weekly, actor=Actor.by_api(alice), columns={}, schedule=schedule, suppress_mail=True)
    changes = {label: (old, new) for label, old, new in pairs(told(traces, request_)[0])}
    assert changes["Start"] == ("Monday, 23 November 2026, 10:00 (CET)", "Monday, 23 November 2026")
    assert changes["End"] == ("Monday, 23 November 2026, 11:00 (CET)", "Monday, 23 November 2026")
    assert changes["All day"] == ("no", "yes")


def test_secret_is_only_said_to_have_changed(weekly: Event, request_: HttpRequest) -> None:
    row = Activity(kind="setup.updated", subject_type="client", subject_id=uuid.UUID(int=7), occurred_at=timezone.now())
    row.data, row.changes = {"label": "Gateway"}, {"client_secret": ["old-s3cret", "new-s3cret"], "name": ["A", "B"]}
    (entry,) = entries([row], request_)
    assert [(change.label, change.is_untold) for change in entry.changes] == [("Client secret", True), ("Name", False)]
    assert "s3cret" not in repr(entry)


def test_relation_is_told_by_name(alice: User, request_: HttpRequest) -> None:
    big = Tariff.objects.create(name="Big")
    row = Activity(kind="user.updated", subject_type="user", subject_id=alice.pk, occurred_at=timezone.now())
    row.changes = {"tariff": [None, str(big.pk)]}
    assert pairs(entries([row], request_)[0]) == [("Tariff", "–", "Big")]


def test_reader_without_the_right_gets_no_links(weekly: Event, alice: User, rf: RequestFactory) -> None:
    traces = Traces()
    update_event(event=weekly, actor=Actor.by_api(alice), columns={"title": "Daily"}, suppress_mail=True)
    request = rf.get("/")
    request.user = factories.user("helper", is_staff=True)
    assert told(traces, request)[0].sentence == "Alice Adams changed the meeting “Daily”"


@pytest.mark.slow
def test_each_object_has_its_history_in_place_of_djangos(weekly: Event, alice: User) -> None:
    invite_email(event=weekly, email="dora@example.org", actor=Actor.by_api(alice))
    boss = factories.staff()
    services.update_account(user=alice, actor=Actor.by_admin(boss), title="Dr.")
    browser = browser_of(boss)
    event = browser.get(f"/admin/events/event/{weekly.pk}/history/").content.decode()
    assert "invited dora@example.org to" in event
    assert "created a guest code for dora@example.org" in event  # of its room
    person = browser.get(f"/admin/users/user/{alice.pk}/history/").content.decode()
    assert "changed the account" in person
    assert "invited" not in person
    assert not LogEntry.objects.exists()


@pytest.mark.slow
def test_writes_in_the_admin_leave_no_second_log() -> None:
    browser = browser_of(factories.staff())
    assert browser.post("/admin/users/group/add/", {"tenant": factories.tenant().pk, "name": "New"}).status_code == 302
    assert not LogEntry.objects.exists()


@pytest.mark.slow
def test_history_is_for_who_may_see_log_and_object(weekly: Event) -> None:
    page = f"/admin/events/event/{weekly.pk}/"
    helper = factories.user("helper", is_staff=True)
    helper.user_permissions.add(*_rights("view_event", "see_every_tenant"))
    browser = browser_of(helper)
    assert browser.get(f"{page}history/").status_code == 403
    assert "historylink" not in browser.get(f"{page}change/").content.decode()
    browser = browser_of(with_role(SUPPORT))
    assert browser.get(f"{page}history/").status_code == 200
    assert "historylink" in browser.get(f"{page}change/").content.decode()


@pytest.mark.slow
def test_tenant_administrator_reads_the_history_of_own_objects(weekly: Event) -> None:
    other = factories.tenant("other")
    page = f"/admin/events/event/{weekly.pk}/history/"
    assert browser_of(with_role(TENANT_ADMINISTRATOR, factories.tenant())).get(page).status_code == 200
    Activity.objects.update(tenant_id=other.pk)
    boss = User.objects.get(username="tenant-administrator")
    assert "planned" not in browser_of(boss).get(page).content.decode()


@pytest.mark.slow
def test_number_of_statements_does_not_grow(weekly: Event, alice: User) -> None:
    browser = browser_of(factories.staff())

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(path).status_code == 200
        return len(captured)

    def happen(number: int) -> None:
        person = factories.user(f"p{number}")
        event = factories.event(person, title=f"Event {number}", suppress_mail=True)
        update_event(event=event, actor=Actor.by_api(person), columns={"title": "X"}, suppress_mail=True)
        invite_email(event=weekly, email=f"{number}@example.org", actor=Actor.by_api(alice), suppress_mail=True)

    paths = (f"/admin/events/event/{weekly.pk}/history/", "/admin/activity/activity/")
    happen(0)  # each kind of object that is named costs one statement
    for path in paths:
        cost(path)  # fills caches
    before = [cost(path) for path in paths]
    for number in range(1, 13):
        happen(number)
    assert [cost(path) for path in paths] == before


def _rights(*names: str) -> Any:
    return Permission.objects.filter(codename__in=names)


def test_staff_are_asked_to_sign_in() -> None:
    assert Client().get("/admin/activity/activity/").status_code == 302


@pytest.mark.slow
def test_what_services_alone_write_has_the_history_of_what_it_is_about(weekly: Event, alice: User) -> None:
    """A mail has its cause, a run what its job did meanwhile, a Smart Invite its meeting."""
    side = Holding("walnut")
    run = JobRun.objects.create(job="claim-invites", state="succeeded", expires_at=timezone.now())
    with transaction.atomic():
        record(DigestUpdated(), actor=Actor.by_job("claim-invites"), subject=alice)
        record(DigestUpdated(), actor=Actor.by_job("send-mails"), subject=alice)
    JobRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    browser = browser_of(factories.staff())

    def kinds(path: str) -> list[str]:
        return [entry.activity.kind for entry in browser.get(path).context["entries"]]

    cause = Activity.objects.get(id=side.mail.cause).kind
    assert kinds(f"/admin/mailer/outgoingmail/{side.mail.pk}/history/") == [cause]
    assert kinds(f"/admin/operations/jobrun/{run.pk}/history/") == ["digest.updated"]
    invite = side.application.smart_invites.get()
    assert "event.created" in kinds(f"/admin/cronofy/smartinvite/{invite.pk}/history/")
    type(invite).objects.update(event_id=None)
    assert kinds(f"/admin/cronofy/smartinvite/{invite.pk}/history/") == []
