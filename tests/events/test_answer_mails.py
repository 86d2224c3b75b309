"""Mails to organizers about new answers: the choice (GET and PUT /v1/users/me/answer_mails), the job, the link."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.core import mail as django_mail
from django.test import Client

from activity.actors import Actor
from activity.models import Activity
from events import digests
from events.digest_models import Digest
from events.models import Event
from events.services.digests import next_day, send_due_digests
from events.services.inbound import take_in_mail
from events.services.invitations import Proposal, Received, answer_invite
from events.unsubscribe import digest_link
from invites.models import EventInvite, Reply
from mailer.models import OutgoingMail
from mailer.render import render
from mailer.send import deliver_due
from operations.tasks import run_job
from tests import factories
from tests.circle import Circle
from tests.events import letters
from tests.events.changes import WEEKLY

pytestmark = pytest.mark.django_db

PATH = "/v1/users/me/answer_mails"
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROPOSAL = Proposal(
    starts_at=datetime(2026, 12, 1, 13, tzinfo=UTC), ends_at=datetime(2026, 12, 1, 14, tzinfo=UTC), zone="Europe/Berlin"
)


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def answer(circle: Circle, status: str = "accepted", *, event: Event | None = None, **how: Any) -> Reply:
    """Bob's."""
    invite = EventInvite.objects.get(event=event or circle.event, invitee=circle.bob)
    return answer_invite(invite=invite, status=status, actor=Actor.by_api(circle.bob), via="api", **how)


def choose(circle: Circle, frequency: str, **more: str) -> Any:
    return circle.api("creator").put(PATH, {"frequency": frequency, **more})


def due_at() -> datetime | None:
    return Digest.objects.values_list("due_at", flat=True).get()


def body() -> str:
    """Of the one mail that is queued."""
    return str(render(OutgoingMail.objects.get()).body)


# --- How often ---


def test_hourly_is_usual_and_the_choice_is_the_persons_alone(circle: Circle) -> None:
    assert circle.api("creator").get(PATH).json() == {"frequency": "hourly", "at": "08:00"}
    answer = choose(circle, "daily", at="18:30")
    assert (answer.status_code, answer.json()) == (200, {"frequency": "daily", "at": "18:30"})
    assert circle.api("creator").get(PATH).json() == answer.json()
    assert circle.api("invitee").get(PATH).json()["frequency"] == "hourly"
    entry = Activity.objects.get(kind="digest.updated")
    assert entry.changes == {"frequency": ["hourly", "daily"], "at": ["08:00:00", "18:30:00"]}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400),
        ({"frequency": "weekly"}, 400),
        ({"frequency": "daily", "at": "25:00"}, 422),
        ({"frequency": "daily", "at": None}, 400),
    ],
)
def test_bad_choice_is_refused(circle: Circle, given: Any, status: int) -> None:
    assert circle.api("creator").put(PATH, given).status_code == status
    assert not Digest.objects.exists()


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [
        ("at_once", NOW),
        ("hourly", NOW + HOUR),
        ("daily", datetime(2026, 11, 21, 7, tzinfo=UTC)),  # eight o'clock in Berlin, where the meeting was planned
    ],
)
def test_answer_is_told_when_the_person_wants(circle: Circle, frequency: str, expected: datetime) -> None:
    choose(circle, frequency)
    answer(circle)
    assert due_at() == expected


def test_second_answer_does_not_delay_the_mail(circle: Circle, clock: Any) -> None:
    answer(circle)
    clock.shift(HOUR / 2)
    answer(circle, "declined")
    assert due_at() == NOW + HOUR


def test_proposal_does_not_wait(circle: Circle) -> None:
    choose(circle, "daily")
    answer(circle, "tentative", proposal=PROPOSAL)
    assert due_at() == NOW


def test_who_wants_none_gets_none(circle: Circle) -> None:
    answer(circle)
    choose(circle, "off")
    answer(circle, "tentative", proposal=PROPOSAL)
    assert (due_at(), Reply.objects.exclude(untold_to=None).count()) == (None, 0)


def test_what_waits_follows_a_new_choice(circle: Circle) -> None:
    answer(circle)
    choose(circle, "at_once")
    assert due_at() == NOW


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Berlin", datetime(2026, 11, 20, 6, tzinfo=UTC), datetime(2026, 11, 20, 7, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 11, 20, 7, tzinfo=UTC), datetime(2026, 11, 21, 7, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2027, 3, 27, 7, tzinfo=UTC), datetime(2027, 3, 28, 6, tzinfo=UTC)),  # clocks go on
        ("America/New_York", datetime(2026, 11, 20, 6, tzinfo=UTC), datetime(2026, 11, 20, 13, tzinfo=UTC)),
    ],
)
def test_daily_goes_by_the_clock(zone: str, now: datetime, expected: datetime) -> None:
    assert next_day(now, Digest().at, zone) == expected


# --- What it tells ---


@pytest.mark.slow
def test_one_mail_tells_all_new_answers_in_the_readers_language_and_zone(circle: Circle, clock: Any) -> None:
    circle.alice.language, circle.alice.time_zone = "de", "America/New_York"
    circle.alice.save(update_fields=["language", "time_zone"])
    other = factories.event(circle.alice, title="Review")
    circle.invite(circle.bob, event=other)
    answer(circle, "declined", event=other, comment="Urlaub\nbis Montag")
    occurrence = datetime(2026, 11, 30, 9, tzinfo=UTC)
    answer(circle, "tentative", occurrence=occurrence, proposal=PROPOSAL)
    clock.shift(HOUR)
    assert send_due_digests() == 1
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.address, mail.tenant_id) == ("answers_digest", "alice@example.com", circle.alice.tenant_id)
    text = body()
    assert render(mail).subject == "2 neue Antworten"
    for part in (
        "Review",
        "Bob Example (bob@example.com) lehnt ab",
        "„Urlaub bis Montag“",
        "Bob Example (bob@example.com) kommt vielleicht am Mo., 30. Nov. 2026",
        "Dienstag, 1. Dezember 2026, 08:00",
        "/proposals/",
        "1 ohne Antwort",
        "1 abgesagt",
    ):
        assert part in text, text


def test_subject_of_one_answer_says_it(circle: Circle) -> None:
    choose(circle, "at_once")
    answer(circle)
    send_due_digests()
    assert render(OutgoingMail.objects.get()).subject == "Bob Example accepts: Team meeting"


@pytest.mark.slow
def test_last_of_several_answers_counts(circle: Circle, clock: Any) -> None:
    for status in ("accepted", "tentative", "declined"):
        answer(circle, status)
        clock.shift(60)
    clock.shift(HOUR)
    send_due_digests()
    assert "declines" in body()
    assert "accepts" not in body()


def test_answer_of_somebody_else_is_told_as_his(circle: Circle) -> None:
    choose(circle, "at_once")
    answer(circle, address="mallory@example.org")
    send_due_digests()
    text = body()
    assert "mallory@example.org accepts" in text
    assert "The invitation went to bob@example.com" in text
    assert "1 without an answer" in text


def test_answer_of_somebody_who_is_not_invited_is_told(settings: Any) -> None:
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    circle = Circle()
    choose(circle, "at_once")
    take_in_mail(data=letters.plain(circle.event, "eve@example.net"), source="pipe")
    assert send_due_digests() == 1
    text = body()
    assert "Somebody (eve@example.net) accepts" in text
    assert "Nobody has invited this address." in text
    assert "1 without an answer" in text


def test_own_answer_and_stale_ones_are_not_told(circle: Circle) -> None:
    invite = circle.event.invites.get()
    answer_invite(invite=invite, status="accepted", actor=Actor.by_admin(circle.alice), via="admin")
    answer(circle, received=Received(sequence=0, dtstamp=NOW, is_stale=True))
    assert not Reply.objects.exclude(untold_to=None).exists()
    assert not Digest.objects.exists()


def test_meeting_of_which_another_program_tells_has_no_such_mail() -> None:
    answer(Circle(sends_mails=False))
    assert not Digest.objects.exists()


@pytest.mark.parametrize("what", ["moved", "un-invited", "deleted", "disabled"])
def test_answer_that_counts_no_more_is_not_told(circle: Circle, clock: Any, what: str) -> None:
    answer(circle)
    creator = circle.api("creator")
    match what:
        case "moved":
            times = {"starts_at": PROPOSAL.starts_at, "ends_at": PROPOSAL.ends_at}
            given = {name: {"datetime": at.isoformat(), "timezone": "Europe/Berlin"} for name, at in times.items()}
            assert creator.patch(circle.path, given, suppress_email_notification="true").status_code == 200
        case "un-invited":
            creator.delete(f"{circle.path}/invites/{circle.bob.pk}", suppress_email_notification="true")
        case "deleted":
            creator.delete(circle.path, suppress_email_notification="true")
        case "disabled":
            circle.alice.disabled_since = NOW
            circle.alice.save(update_fields=["disabled_since"])
    clock.shift(HOUR)
    assert send_due_digests() == 0
    assert not OutgoingMail.objects.filter(kind="answers_digest").exists()
    assert (due_at(), Reply.objects.exclude(untold_to=None).count()) == (None, 0)


def test_long_mail_counts_what_it_does_not_list(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MOST_ANSWERS", 3)
    choose(circle, "at_once")
    for person in factories.users(*(f"guest{number}" for number in range(4))):
        circle.invite(person)
    for invite in circle.event.invites.all():
        answer_invite(invite=invite, status="accepted", actor=Actor.by_guest(), via="page")
    send_due_digests()
    text = body()
    assert text.count("accepts") == 3
    assert "2 more answers" in text
    assert "5 accepted" in text


# --- Once ---


@pytest.mark.slow
def test_job_sends_what_is_due_once(circle: Circle, clock: Any) -> None:
    answer(circle)
    run_job("send-digests")
    assert not OutgoingMail.objects.exists()
    clock.shift(HOUR)
    for _time in range(2):
        run_job("send-digests")
    assert OutgoingMail.objects.count() == 1
    assert (due_at(), Reply.objects.exclude(untold_to=None).count()) == (None, 0)
    answer(circle, "declined")
    clock.shift(HOUR)
    run_job("send-digests")
    assert OutgoingMail.objects.count() == 2


@pytest.mark.slow
def test_split_of_a_series_tells_no_answer_again(circle: Circle) -> None:
    answer(circle)
    body = {"from": {"datetime": "2026-12-07T09:00:00Z", "timezone": "Europe/Berlin"}, "title": "Later"}
    assert circle.api("creator").post(f"{circle.path}/reschedule", body).status_code == 201
    assert Reply.objects.count() == 2
    assert Reply.objects.exclude(untold_to=None).get().event_id == circle.event.pk


@pytest.mark.slow
def test_number_of_answers_does_not_change_the_number_of_statements(
    circle: Circle, django_assert_num_queries: Any, clock: Any
) -> None:
    def fill(count: int) -> None:
        for person in factories.users(*(f"p{count}x{number}" for number in range(count))):
            circle.invite(person)
            own = factories.event(circle.alice)
            circle.invite(person, event=own)
        for invite in EventInvite.objects.all():
            answer_invite(invite=invite, status="accepted", actor=Actor.by_guest(), via="page")
        clock.shift(HOUR)

    fill(1)
    with django_assert_num_queries(13):
        assert send_due_digests() == 1
    fill(4)
    with django_assert_num_queries(13):
        assert send_due_digests() == 1


# --- The link that switches them off ---


def test_link_in_the_mail_switches_them_off(circle: Circle) -> None:
    choose(circle, "at_once")
    answer(circle)
    send_due_digests()
    deliver_due()
    (sent,) = django_mail.outbox
    link = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in sent.body
    path = link.removeprefix(site.BASE_URL)
    assert Client().get(path).status_code == 200
    assert Digest.objects.get().frequency == "at_once"
    assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Digest.objects.get().frequency == "off"


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_was_not_made_here_opens_nothing(circle: Circle, method: str) -> None:
    good = digest_link(circle.alice.pk).removeprefix(site.BASE_URL)
    reminders = good.replace("/answers/", "/reminders/")
    for bad in (good + "x", "/answers/off/x", reminders):
        assert getattr(Client(), method)(bad).status_code == 404
    assert not Digest.objects.exists()
