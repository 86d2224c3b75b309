"""What staff confirm is what happens: each change of a meeting in the admin, with the page that asks before it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from activity.actors import Actor
from activity.models import Activity
from events.models import Event, EventException
from events.services.instances import update_instance
from events.services.invitations import answer_invite, invite_email, invite_user
from invites.models import EmailInvite, EventInvite, Reply
from mailer.models import OutgoingMail, TenantMails
from mailer.suppression import suppress
from tests import factories
from tests.staff.asking import answer_of, ask
from tests.staff.holding import browser_of, with_role
from tests.sweeps import sweep
from users.models import Tariff
from users.roles import SUPPORT

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECOND = datetime(2026, 11, 30, 9, tzinfo=UTC)
MAILS = reverse("admin:mailer_outgoingmail_changelist")
EVENTS = reverse("admin:events_event_changelist")


@pytest.fixture
def event() -> Event:
    """A series with people in two languages, one occurrence moved, an open proposal, and mails that are sent."""
    with time_machine.travel(NOW, tick=False):
        alice, bob = factories.user("alice"), factories.user("bob", language="de")
        made = factories.event(alice, schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;COUNT=10",)))
        actor = Actor.by_api(alice)
        invite_user(event=made, invitee=bob, actor=actor)
        invite_email(event=made, email="dora@example.org", actor=actor)
        third = SECOND + timedelta(days=7)
        update_instance(
            event=made, original_starts_at=third, actor=actor, columns={"starts_at": third + timedelta(hours=5)}
        )
        invite = EventInvite.objects.get()
        proposed = (SECOND + timedelta(hours=2), SECOND + timedelta(hours=3))
        answer_invite(invite=invite, status="tentative", actor=Actor.by_api(bob), via="api", comment="Later?")
        Reply.objects.update(
            proposed_starts_at=proposed[0], proposed_ends_at=proposed[1], proposed_zone="Europe/Berlin",
            proposal_state="open", occurrence=SECOND,
        )  # fmt: skip
        OutgoingMail.objects.update(state="failed")
        return Event.objects.get()


@pytest.fixture
def staff(event: Event) -> Client:
    return browser_of(factories.staff())


def everything() -> list[list[dict[str, Any]]]:
    tables = (Event, EventException, EventInvite, EmailInvite, Reply, OutgoingMail, Activity)
    return [list(table._default_manager.order_by("pk").values()) for table in tables]


def page_of(event: Event, name: str, *more: Any) -> str:
    return reverse(f"admin:events_event_{name}", args=[event.pk, *more])


def saved_form(event: Event, **fields: str) -> dict[str, str]:
    inlines = ("invites", "email_invites", "exceptions", "reminders")
    management = {f"{name}-{key}_FORMS": "0" for name in inlines for key in ("TOTAL", "INITIAL")}
    return {"title": event.title, "description": event.description} | management | fields


def occurrence(**fields: str) -> dict[str, str]:
    known = {"title": "Team meeting", "description": "", "starts_at": "2026-11-30T10:00", "ends_at": "2026-11-30T11:00"}
    return {"scope": "one"} | known | fields


# By name: the address and what is sent there.
ACTIONS: dict[str, Callable[[Event], tuple[str, dict[str, Any]]]] = {
    "save": lambda event: (page_of(event, "change"), saved_form(event, title="New")),
    "delete": lambda event: (page_of(event, "delete"), {"post": "yes"}),
    "delete several": lambda event: (EVENTS, {"action": "delete_selected", "_selected_action": [event.pk]}),
    "cancel": lambda event: (page_of(event, "cancel", "20261130T090000Z"), {}),
    "change one": lambda event: (page_of(event, "occurrence", "20261130T090000Z"), occurrence(title="Review")),
    "move one": lambda event: (
        page_of(event, "occurrence", "20261130T090000Z"),
        occurrence(starts_at="2026-11-30T12:00", ends_at="2026-11-30T13:00"),
    ),
    "split": lambda event: (
        page_of(event, "occurrence", "20261130T090000Z"),
        occurrence(scope="following", title="Later"),
    ),
    "accept": lambda event: (page_of(event, "proposal", Reply.objects.get().pk), {"decision": "accept"}),
    "refuse": lambda event: (page_of(event, "proposal", Reply.objects.get().pk), {"decision": "refuse"}),
    "send again": lambda event: (MAILS, {"action": "send_again", "_selected_action": _mails()}),
    "abort": lambda event: (MAILS, {"action": "abort", "_selected_action": _mails(state="queued")}),
}


def _mails(**columns: str) -> list[str]:
    rows = OutgoingMail.objects.filter(kind__endswith="_invite")
    if columns:
        rows.update(**columns)
    return [str(mail.pk) for mail in rows]


def mails_said(page: Any) -> int:
    found = re.search(r"<li>(\d+) mails? (?:will be sent|is sent again|are sent again|will not be sent)", page)
    return int(found.group(1)) if found else 0


def touched(before: dict[Any, str]) -> int:
    """Mails that are new or have another state than before."""
    return sum(before.get(pk) != state for pk, state in OutgoingMail.objects.values_list("pk", "state"))


@pytest.mark.slow
@sweep("name", ACTIONS, fast=3)
@time_machine.travel(NOW, tick=False)
def test_what_is_shown_is_what_happens_once(name: str, event: Event, staff: Client) -> None:
    path, values = ACTIONS[name](event)
    before = everything()
    page = ask(staff, path, values)
    assert everything() == before
    text = page.content.decode()
    states = dict(OutgoingMail.objects.values_list("pk", "state"))
    done = staff.post(path, answer_of(page))
    assert done.status_code == 302, done.content.decode()
    assert mails_said(text) == touched(states) > 0
    after = everything()
    assert after != before
    # The button pressed twice: the second answer comes after the first was done.
    staff.post(path, answer_of(page))
    assert everything() == after


@pytest.mark.slow
@sweep("name", ACTIONS, fast=3)
@time_machine.travel(NOW, tick=False)
def test_what_changed_meanwhile_is_shown_before_anything_is_done(name: str, event: Event, staff: Client) -> None:
    path, values = ACTIONS[name](event)
    page = ask(staff, path, values)
    actor = Actor.by_api(event.created_by)
    invite_email(event=event, email="eve@example.org", actor=actor)
    update_instance(event=event, original_starts_at=SECOND, actor=actor, columns={"description": "Cake"})
    if name == "abort":
        OutgoingMail.objects.filter(pk=values["_selected_action"][0]).update(state="sent", sent_at=NOW)
    before = everything()
    again = staff.post(path, answer_of(page))
    assert "something has changed since you were asked" in again.content.decode()
    assert everything() == before
    assert staff.post(path, answer_of(again)).status_code == 302
    assert everything() != before


@time_machine.travel(NOW, tick=False)
def test_page_says_who_is_mailed_and_who_is_not(event: Event, staff: Client, settings: Settings) -> None:
    settings.MAIL_TENANT_DAILY_QUOTA = 3
    TenantMails.objects.create(tenant_id=event.tenant_id, day=NOW.date(), count=2)
    suppress(address="dora@example.org", reason="bounced", actor=Actor.by_job("test"))
    Tariff.objects.filter(pk=event.created_by.tariff_id).update(quotas={"room_participant_limit": 2})
    page = ask(staff, *ACTIONS["save"](event)).content.decode()
    for line in (
        "<li>2 mails will be sent, in 2 languages.</li>",
        "<td>Title</td><td>Team meeting</td><td>New</td>",
        "<td>Update (account)</td><td>German</td><td>will be sent</td><td>1</td>",
        "<td>Update (guest)</td><td>English</td><td>not sent: the address is suppressed</td><td>1</td>",
        '<li class="warning">1 mail will not be sent, because its address is suppressed.</li>',
        '<li class="warning">1 mail will wait until tomorrow: the tenant may send 3 mails a day.</li>',
        '<li class="warning">3 people are in the meeting, the tariff of its creator allows 2.</li>',
    ):
        assert line in page, line


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
def test_page_names_the_exceptions_that_are_lost(event: Event, staff: Client) -> None:
    """A series that goes on from a moved date as that date now is: the move is part of the series."""
    moved = occurrence(starts_at="2026-12-07T16:00", ends_at="2026-12-07T17:00", scope="following")
    page = ask(staff, page_of(event, "occurrence", "20261207T090000Z"), moved).content.decode().replace("\u00a0", " ")
    for line in (
        "The series ends before this occurrence; it goes on as a new meeting in the same room.",
        "1 date loses its change, because the series no longer has it.",
        "<li>7 December 2026, 09:00 (7 December 2026, 10:00 Europe/Berlin) – modified</li>",
    ):
        assert line in page, line


@pytest.mark.parametrize("name", ["cancel", "restore"])
def test_who_only_follows_the_address_gets_the_form(event: Event, staff: Client, name: str) -> None:
    answer = staff.get(page_of(event, name, "20261130T090000Z"))
    assert answer.url == page_of(event, "occurrence", "20261130T090000Z")


@pytest.mark.slow
def test_cancelled_occurrence_is_restored(event: Event, staff: Client) -> None:
    for name in ("cancel", "restore"):
        path = page_of(event, name, "20261130T090000Z")
        staff.post(path, answer_of(ask(staff, path, {})))
    assert not EventException.objects.filter(original_starts_at=SECOND).exists()


@pytest.mark.slow
def test_occurrence_that_is_gone_is_told(event: Event, staff: Client) -> None:
    answer = staff.post(page_of(event, "cancel", "20261201T090000Z"), follow=True)
    assert "The series has no such occurrence any more." in answer.content.decode()


@pytest.mark.slow
@sweep("name", ACTIONS, fast=3)
def test_who_may_only_look_changes_nothing(name: str, event: Event) -> None:
    looker = browser_of(with_role(SUPPORT))
    path, values = ACTIONS[name](event)
    before = everything()
    answer = looker.post(path, values)
    assert answer.status_code == 403 or b"effects_form" not in answer.content
    assert everything() == before


@time_machine.travel(NOW, tick=False)
def test_who_may_only_look_sees_no_buttons(event: Event) -> None:
    page = browser_of(with_role(SUPPORT)).get(page_of(event, "change")).content.decode()
    assert "Monday, 30 November" in page
    assert 'form="meeting_action"' not in page


@pytest.mark.slow
@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("3 E-Mails werden gesendet, in 2 Sprachen.", "Bestätigen", "Deutsch")),
        ("fr", ("3 e-mails seront envoyés, en 2 langues.", "Confirmer", "Allemand")),
    ],
)
def test_page_speaks_the_readers_language(event: Event, language: str, words: tuple[str, ...]) -> None:
    reader = browser_of(factories.staff())
    reader.cookies["django_language"] = language
    page = ask(reader, *ACTIONS["save"](event)).content.decode()
    assert [word for word in words if word not in page] == []


@pytest.mark.slow
def test_too_many_meetings_are_not_deleted_at_once(
    event: Event, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("events.deletion_admin.MOST_AT_ONCE", 0)
    answer = staff.post(*ACTIONS["delete several"](event), follow=True)
    assert "Nothing was deleted: choose at most 0 at once." in answer.content.decode()
    assert Event.objects.exists()
