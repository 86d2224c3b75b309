"""Staff see a meeting whole, and what they change goes the same way as through the API."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from events.models import Event, Reminder, SharedFolder
from events.services.instances import update_instance
from events.services.invitations import answer_invite, invite_email, invite_user
from events.services.series import reschedule_event
from invites.models import EventInvite
from invites.services import create_code
from mailer.models import OutgoingMail
from rooms.models import Asset
from signaling.tickets import issue_ticket
from staff.effects import BACK, DIGEST
from tests import factories
from tests.staff.asking import answer_of, ask, confirmed
from tests.sweeps import sweep
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


@pytest.fixture
def event(alice: User) -> Event:
    weekly = factories.event(
        alice, schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)), title="<b>Bold</b>", suppress_mail=False
    )
    actor = Actor.by_api(alice)
    invite_user(event=weekly, invitee=factories.user("bob"), actor=actor)
    invite_email(event=weekly, email="dora@example.org", actor=actor)
    bobs = EventInvite.objects.get(event=weekly)
    answer_invite(invite=bobs, status="tentative", actor=Actor.by_api(bobs.invitee), via="api", comment="Perhaps late")
    return weekly


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def change_path(event: Event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


def form(event: Event, **fields: str) -> dict[str, str]:
    inlines = ("invites", "email_invites", "exceptions", "reminders")
    management = {f"{name}-{key}_FORMS": "0" for name in inlines for key in ("TOTAL", "INITIAL")}
    return {"title": event.title, "description": event.description} | management | fields


def asked(staff: Client, path: str) -> str:
    return str(ask(staff, path, {"post": "yes"}).content.decode())


def test_people_who_are_no_staff_are_sent_to_sign_in(event: Event, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(change_path(event)).status_code == 302


@pytest.mark.slow
def test_one_page_shows_occurrences_answers_mails_and_history(event: Event, staff: Client) -> None:
    text = staff.get(change_path(event)).content.decode()
    assert text.count("<li>Monday, ") == 10
    assert "every week on Monday" in text
    assert "Perhaps late" in text
    assert "dora@example.org" in text
    assert "Invitation (guest)" in text
    assert "bob@example.com will perhaps come to" in text
    assert "<b>Bold</b>" not in text


@pytest.mark.slow
def test_cancelled_occurrence_is_among_the_next_ones(event: Event, staff: Client) -> None:
    second = datetime(2026, 11, 30, 9, tzinfo=UTC)
    update_instance(
        event=event, original_starts_at=second, actor=Actor.by_api(event.created_by), columns={}, is_cancelled=True
    )
    with time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC), tick=False):
        text = staff.get(change_path(event)).content.decode()
    assert text.count("<li>Monday, ") == 9
    assert "<li><s>Monday, 30 November 2026" in text


@pytest.mark.slow
def test_change_raises_the_sequence_and_mails_everybody(event: Event, staff: Client) -> None:
    OutgoingMail.objects.all().delete()
    page = ask(staff, change_path(event), form(event, title="New title"))
    assert "3 mails will be sent." in page.content.decode()
    assert not OutgoingMail.objects.exists()
    answer = staff.post(change_path(event), answer_of(page), follow=True)
    assert "Everyone invited is notified (3 mails)." in answer.content.decode()
    event.refresh_from_db()
    assert (event.title, event.sequence) == ("New title", 1)
    assert set(OutgoingMail.objects.values_list("kind", "sequence")) == {
        ("registered_event_update", 1),
        ("external_event_update", 1),
    }
    logged = Activity.objects.get(kind="event.updated")
    assert (logged.actor_kind, logged.via) == ("staff", "admin")
    assert logged.changes == {"title": ["<b>Bold</b>", "New title"]}


def test_saving_without_a_change_mails_nobody(event: Event, staff: Client) -> None:
    OutgoingMail.objects.all().delete()
    assert staff.post(change_path(event), form(event)).status_code == 302
    assert not OutgoingMail.objects.exists()


@pytest.mark.slow
def test_back_shows_the_form_as_it_was_filled_in(event: Event, staff: Client) -> None:
    page = ask(staff, change_path(event), form(event, title="New title", description="x" * 10))
    back = answer_of(page) | {BACK: "1"}
    del back[DIGEST]
    answer = staff.post(change_path(event), back)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'value="New title"' in text
    assert "errornote" not in text
    assert Event.objects.get().title == "<b>Bold</b>"


@pytest.mark.slow
def test_deleting_cancels_in_every_calendar(event: Event, staff: Client) -> None:
    path = reverse("admin:events_event_delete", args=[event.pk])
    assert 'method="post"' in staff.get(path).content.decode()
    page = ask(staff, path, {"post": "yes"})
    assert "3 mails will be sent." in page.content.decode()
    OutgoingMail.objects.all().delete()
    assert staff.post(path, answer_of(page)).status_code == 302
    assert not Event.objects.exists()
    assert OutgoingMail.objects.filter(kind__endswith="_cancellation").count() == 3


@pytest.mark.slow
def test_confirmation_names_all_that_goes(event: Event, alice: User, staff: Client) -> None:
    for number in range(12):
        Asset.objects.create(room=event.room, filename=f"minutes{number}.pdf", size=512, kind="minutes", file="x")
    SharedFolder.objects.create(event=event, path="meetings/weekly")
    create_code(room=event.room, user=alice, actor=Actor.by_api(alice))
    issue_ticket(room=event.room, user=alice)
    text = asked(staff, reverse("admin:events_event_delete", args=[event.pk]))
    for line in (
        f"Room {event.room_id}",
        "minutes9.pdf + 2 (6.0\xa0KB)",
        "Shared folder meetings/weekly",
        "3 mails will be sent.",
        "Rooms: 1",
        "Events: 1",
        "Files: 12",
        "Guest codes: 2",
        "Tickets: 1",
    ):
        assert line in text
    assert "minutes10.pdf" not in text


@pytest.mark.slow
def test_confirmation_says_what_stays_with_the_other_part_of_a_series(event: Event, staff: Client) -> None:
    SharedFolder.objects.create(event=event, path="meetings/weekly")
    later = reschedule_event(
        event=event,
        actor=Actor.by_api(event.created_by),
        starts_from=datetime(2026, 12, 7, 9, tzinfo=UTC),
        schedule={},
        columns={"title": "Later"},
    )
    text = asked(staff, reverse("admin:events_event_delete", args=[later.pk]))
    assert "The room is kept: another part of the series uses it." in text
    assert "Rooms: 1" not in text
    assert "meetings/weekly" not in text
    chosen = {"action": "delete_selected", "_selected_action": [event.pk, later.pk]}
    text = staff.post(reverse("admin:events_event_changelist"), chosen).content.decode()
    assert "Rooms: 1" in text
    assert "Its room stays" not in text


@pytest.mark.slow
@pytest.mark.parametrize(("year", "is_adhoc"), [(2099, False), (2099, True), (2020, False)])
def test_confirmation_counts_the_mails_that_are_sent(alice: User, staff: Client, year: int, is_adhoc: bool) -> None:
    starts_at = datetime(year, 1, 1, tzinfo=UTC)
    times = factories.schedule(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    event = factories.event(alice, schedule=times, is_adhoc=is_adhoc)
    for name, since in (("bob", None), ("gone", datetime(2026, 1, 1, tzinfo=UTC))):
        invitee = factories.user(name)
        invite_user(event=event, invitee=invitee, actor=Actor.by_api(alice), suppress_mail=True)
        User.objects.filter(pk=invitee.pk).update(disabled_since=since)
    path = reverse("admin:events_event_delete", args=[event.pk])
    page = ask(staff, path, {"post": "yes"})
    staff.post(path, answer_of(page))
    count = OutgoingMail.objects.count()
    assert (f"{count} mail" if count else "Nobody is mailed.") in page.content.decode()


@pytest.mark.slow
def test_times_are_those_of_the_reader_with_the_events_beside_them(event: Event) -> None:
    client = Client()
    client.force_login(factories.user("york", is_staff=True, is_superuser=True, time_zone="America/New_York"))
    text = client.get(reverse("admin:events_event_changelist")).content.decode()
    assert "Times in America/New_York" in text
    assert "23 November 2026, 04:00 (23 November 2026, 10:00 Europe/Berlin)" in text.replace("\u00a0", " ")
    text = client.get(change_path(event)).content.decode()
    assert "Monday, 23 November 2026, 04:00\xa0– 05:00" in text
    assert "; Monday, 23 November 2026, 10:00\xa0– 11:00" in text
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.slow
def test_whole_days_are_days_wherever_the_reader_is(alice: User) -> None:
    first = datetime(2026, 11, 30, 23, tzinfo=UTC)
    days = factories.schedule(
        is_all_day=True, starts_at=first, ends_at=first + timedelta(days=1), pattern=("RRULE:FREQ=WEEKLY",)
    )
    event = factories.event(alice, schedule=days)
    update_instance(
        event=event,
        original_starts_at=first,
        actor=Actor.by_api(alice),
        columns={"starts_at": first + timedelta(days=2)},
    )
    client = Client()
    client.force_login(factories.user("york", is_staff=True, is_superuser=True, time_zone="America/New_York"))
    text = client.get(reverse("admin:events_event_changelist")).content.decode()
    assert ">1\u00a0December\u00a02026</td>" in text
    text = client.get(change_path(event)).content.decode()
    assert ">1\u00a0December\u00a02026</a>" in text
    assert "<p>Thursday, 3 December 2026</p>" in text


@pytest.mark.slow
def test_deleting_several_cancels_each(event: Event, alice: User, staff: Client) -> None:
    second = factories.event(alice)
    OutgoingMail.objects.all().delete()
    chosen = {"action": "delete_selected", "_selected_action": [event.pk, second.pk]}
    answer = confirmed(staff, reverse("admin:events_event_changelist"), chosen, follow=True)
    assert "2 events were deleted." in answer.content.decode()
    assert not Event.objects.exists()
    assert OutgoingMail.objects.filter(kind__endswith="_cancellation").count() == 4


@pytest.mark.slow
@pytest.mark.parametrize("what", ["title", "id", "room"])
def test_search_finds_by_text_and_by_id(event: Event, staff: Client, what: str) -> None:
    wanted = {"title": "Bold", "id": str(event.pk), "room": str(event.room_id)}[what]
    text = staff.get(reverse("admin:events_event_changelist"), {"q": wanted}).content.decode()
    assert "1 event" in text


@pytest.mark.slow
@sweep(
    "model",
    [
        "activity_activity", "mailer_outgoingmail", "operations_jobrun", "rooms_room", "users_user", "users_tenant",
        "users_tariff", "users_group", "users_client", "events_event",
    ],
 fast=4)  # fmt: skip
def test_every_list_opens_and_searches_anything(event: Event, staff: Client, model: str) -> None:
    path = reverse(f"admin:{model}_changelist")
    for query in ({}, {"q": "nothing"}, {"q": str(event.pk)}, {"q": "\u202e'\";--"}):
        assert staff.get(path, query).status_code == 200


@pytest.mark.slow
def test_the_log_and_the_outbox_cannot_be_changed(event: Event, staff: Client) -> None:
    for row in (Activity.objects.first(), OutgoingMail.objects.first()):
        assert row is not None
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        page = reverse(f"admin:{name}_change", args=[row.pk])
        assert staff.get(page).status_code == 200
        assert staff.post(page, {"kind": "x"}).status_code == 403
        assert staff.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_secrets_of_a_mail_are_not_shown(alice: User, staff: Client) -> None:
    factories.event(alice, password="sesame-secret", suppress_mail=False)
    mail = OutgoingMail.objects.get()
    text = staff.get(reverse("admin:mailer_outgoingmail_change", args=[mail.pk])).content.decode()
    assert "sesame-secret" not in text


def test_page_shows_the_reminders(client: Client) -> None:
    client.force_login(factories.staff())
    event = factories.event(factories.user("alice"))
    rules = [{"minutes_before": 10}, {"days_before": 1, "at": "18:00"}]
    Reminder.objects.create(event=event, rules=rules)
    page = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    assert "-10 min; -1 d, 18:00" in page


@pytest.mark.slow
def test_parts_of_a_split_series_link_each_other(event: Event, staff: Client) -> None:
    later = reschedule_event(
        event=event,
        actor=Actor.by_api(event.created_by),
        starts_from=datetime(2026, 12, 7, 9, tzinfo=UTC),
        schedule={},
        columns={"title": "Later"},
    )
    for one, other in ((event, later), (later, event)):
        page = staff.get(change_path(one)).content.decode()
        assert f'<a href="{change_path(other)}">' in page
        assert f'<a href="{change_path(one)}">{one}</a>' not in page
        assert "23 November 2026 – 30 November 2026: " in page
        assert "7 December 2026 – …: " in page


@pytest.mark.slow
def test_moved_occurrence_says_where_it_was_planned(event: Event, staff: Client) -> None:
    second = datetime(2026, 11, 30, 9, tzinfo=UTC)
    moved = {"starts_at": second + timedelta(hours=2), "title": "Review"}
    update_instance(event=event, original_starts_at=second, actor=Actor.by_api(event.created_by), columns=moved)
    with time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC), tick=False):
        text = staff.get(change_path(event)).content.decode().replace("\u00a0", " ")
    assert "moved, planned for 30 November 2026, 09:00 (30 November 2026, 10:00 Europe/Berlin)" in text
    assert "“Review”" in text


@pytest.mark.slow
def test_mail_is_sent_again_from_the_meeting_and_back_to_it(event: Event, staff: Client) -> None:
    OutgoingMail.objects.filter(address="dora@example.org").update(state="failed", last_error="550 unknown")
    failed = OutgoingMail.objects.get(address="dora@example.org")
    text = staff.get(change_path(event)).content.decode()
    assert "failed: 1" in text
    assert f'form="mail_again" name="_selected_action" value="{failed.pk}"' in text
    form = {"action": "send_again", "_next": change_path(event), "_selected_action": failed.pk}
    page = ask(staff, reverse("admin:mailer_outgoingmail_changelist"), form)
    assert f'<a href="{change_path(event)}" class="closelink">' in page.content.decode()
    answer = staff.post(reverse("admin:mailer_outgoingmail_changelist"), answer_of(page))
    assert (answer.status_code, answer.url) == (302, change_path(event))
    failed.refresh_from_db()
    assert failed.state == "queued"


@pytest.mark.slow
def test_page_shows_the_first_people_of_many(event: Event, staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        invite_email(event=event, email=f"p{number}@example.org", actor=Actor.by_api(event.created_by))
    monkeypatch.setattr("events.inlines.SHOWN_ROWS", 2)
    text = staff.get(change_path(event)).content.decode()
    assert "5 people are invited" in text
    assert text.count('class="field-email"') == 2


@pytest.mark.slow
def test_page_costs_the_same_with_more_people(event: Event, staff: Client) -> None:
    """From the second round on: the first fills caches, and its latest activities are of other kinds."""
    counted, actor = [], Actor.by_api(event.created_by)
    for number in range(15):
        invite_email(event=event, email=f"p{number}@example.org", actor=actor)
        when = datetime(2026, 11, 30, 9, tzinfo=UTC) + timedelta(days=7 * number)
        update_instance(event=event, original_starts_at=when, actor=actor, columns={"title": "X"})
        if number % 5 < 4:
            continue
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(change_path(event)).status_code == 200
        counted.append(len(captured))
    assert counted[1] == counted[2]
