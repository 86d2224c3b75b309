"""Who is reminded of what, and when (the job send-reminders)."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as sent_mails
from django.utils import timezone

from activity.actors import Actor
from calendars.reminders import Rule
from calendars.times import from_wall
from events.models import NextReminder
from events.services.events import update_event
from events.services.instances import update_instance
from events.services.invitations import uninvite_user
from events.services.reminders import (
    set_reminders,
    set_reminders_for_everybody,
    set_usual_reminders,
    switch_off,
)
from events.services.resend import OutdatedMail, resend_mail
from invites.models import EmailInvite, EventInvite, Reply
from mailer.intake import RefusedTaskError, take_in
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from operations.tasks import run_job
from tests import factories
from tests.circle import Circle
from tests.factories import schedule
from users.models import User

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday, ten o'clock in Berlin
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
TEN = Rule(minutes=10)
EVENING = Rule(days=1, at=time(18))
WEEKLY = ("RRULE:FREQ=WEEKLY",)
ZONES = ("Europe/Berlin", "Asia/Tokyo")
ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START - 10 * DAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def circle(clock: Any) -> Circle:
    """Alice's meeting with bob, of which everybody is reminded ten minutes before."""
    return reminding(TEN)


def reminding(*rules: Rule, **fields: Any) -> Circle:
    circle = Circle(**fields)
    set_reminders_for_everybody(event=circle.event, actor=Actor.by_api(circle.alice), rules=rules)
    return circle


def run() -> list[str]:
    """Who is reminded by one run of the job."""
    known = set(OutgoingMail.objects.values_list("pk", flat=True))
    run_job("send-reminders")
    found = OutgoingMail.objects.exclude(pk__in=known)
    return sorted(f"{row.address} {row.occurrence}".strip() for row in found if row.kind.endswith("_event_reminder"))


def at(clock: Any, moment: datetime) -> list[str]:
    clock.move_to(moment)
    return run()


def walk(clock: Any, start: datetime, end: datetime) -> dict[datetime, list[str]]:
    """Who is reminded when, in runs of the job whenever it has something to look at, from start to end."""
    clock.move_to(start)
    found, row = {start: run()}, NextReminder.objects.order_by("look_at").first()
    while row is not None and row.look_at <= end:
        found[row.look_at] = at(clock, row.look_at)
        row = NextReminder.objects.order_by("look_at").first()
    return {moment: people for moment, people in found.items() if people}


def evening(day: int, zone: str) -> datetime:
    return from_wall(datetime.combine(date(2026, 11, day), time(18)), zone)


# --- when ---


def test_everybody_is_reminded_once_at_the_minute(circle: Circle, clock: Any) -> None:
    assert walk(clock, START - HOUR, START + HOUR) == {START - 10 * MINUTE: [ALICE, BOB]}
    assert not NextReminder.objects.exists()


def test_each_occurrence_has_its_reminder(clock: Any) -> None:
    reminding(TEN, schedule=schedule(pattern=("RRULE:FREQ=WEEKLY;COUNT=3",)))
    found = walk(clock, START - HOUR, START + 3 * WEEK)
    assert list(found) == [START + week * WEEK - 10 * MINUTE for week in range(3)]
    assert [rows[0] for rows in found.values()] == [f"{ALICE} 2026{day}T090000Z" for day in ("1123", "1130", "1207")]


def test_nothing_is_looked_at_before_its_time(circle: Circle, clock: Any) -> None:
    assert NextReminder.objects.get().look_at == START - 10 * MINUTE
    with time_machine.travel(START - 11 * MINUTE, tick=False):
        assert run() == []
    assert NextReminder.objects.get().looked_at == START - 10 * DAY


def test_evening_before_is_by_the_clock_of_each_reader(clock: Any) -> None:
    circle = reminding(EVENING)
    User.objects.filter(pk=circle.bob.pk).update(time_zone="America/New_York")
    assert walk(clock, START - 2 * DAY, START) == {
        evening(22, "Europe/Berlin"): [ALICE],
        evening(22, "America/New_York"): [BOB],
    }


@pytest.mark.slow
def test_evening_before_an_all_day_meeting_is_the_one_before_that_day_everywhere(clock: Any) -> None:
    midnight = START - 10 * HOUR
    circle = reminding(EVENING, schedule=schedule(is_all_day=True, starts_at=midnight, ends_at=midnight + DAY))
    User.objects.filter(pk=circle.bob.pk).update(time_zone="America/Los_Angeles")
    User.objects.filter(pk=circle.alice.pk).update(time_zone="Pacific/Auckland")
    assert walk(clock, midnight - 2 * DAY, midnight + DAY) == {
        evening(22, "Pacific/Auckland"): [ALICE],
        evening(22, "America/Los_Angeles"): [BOB],
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", [datetime(2026, 10, 19, 8, tzinfo=UTC), datetime(2027, 3, 22, 9, tzinfo=UTC)], ids=["autumn", "spring"]
)
def test_clock_times_stay_where_the_clock_changes(first: datetime, clock: Any) -> None:
    """Every day at ten in Berlin, where summer time begins or ends on the Sunday; bob lives where it does not."""
    clock.move_to(first - WEEK)
    daily = schedule(starts_at=first, ends_at=first + HOUR, pattern=("RRULE:FREQ=DAILY;COUNT=8",))
    circle = reminding(TEN, EVENING, schedule=daily)
    User.objects.filter(pk=circle.bob.pk).update(time_zone="Asia/Tokyo")
    found = walk(clock, first - 3 * DAY, first + 9 * DAY)
    days = [first.date() + day * DAY for day in range(-1, 8)]
    starts = [from_wall(datetime.combine(day, time(10)), "Europe/Berlin") for day in days[1:]]
    evenings = [from_wall(datetime.combine(day, time(18)), zone) for day in days[:-1] for zone in ZONES]
    assert sorted(found) == sorted([*(start - 10 * MINUTE for start in starts), *evenings])
    assert len({start.time() for start in starts}) == 2


# --- decided again when it is sent ---


def test_who_has_declined_is_not_reminded(circle: Circle, clock: Any) -> None:
    EventInvite.objects.update(status="declined")
    assert at(clock, START - 10 * MINUTE) == [ALICE]


def test_who_has_declined_one_occurrence_is_reminded_of_the_others(clock: Any) -> None:
    reminding(TEN, schedule=schedule(pattern=WEEKLY))
    Reply.objects.create(
        event_invite=EventInvite.objects.get(), address=BOB, status="declined", occurrence=START + WEEK,
        via="api", sequence=0, dtstamp=timezone.now(),
    )  # fmt: skip
    assert at(clock, START - 10 * MINUTE) == [f"{ALICE} 20261123T090000Z", f"{BOB} 20261123T090000Z"]
    assert at(clock, START + WEEK - 10 * MINUTE) == [f"{ALICE} 20261130T090000Z"]


def test_who_was_uninvited_is_not_reminded(circle: Circle, clock: Any) -> None:
    uninvite_user(event=circle.event, user_id=circle.bob.pk, actor=Actor.by_api(circle.alice))
    assert at(clock, START - 10 * MINUTE) == [ALICE]


def test_who_is_disabled_is_not_reminded(circle: Circle, clock: Any) -> None:
    User.objects.filter(pk=circle.bob.pk).update(disabled_since=timezone.now())
    assert at(clock, START - 10 * MINUTE) == [ALICE]


def test_nobody_is_reminded_of_a_disabled_persons_meeting(circle: Circle, clock: Any) -> None:
    User.objects.filter(pk=circle.alice.pk).update(disabled_since=timezone.now())
    assert at(clock, START - 10 * MINUTE) == []


def test_cancelled_occurrence_has_no_reminder(clock: Any) -> None:
    circle = reminding(TEN, schedule=schedule(pattern=WEEKLY))
    change = {"event": circle.event, "actor": Actor.by_api(circle.alice), "original_starts_at": START}
    update_instance(columns={}, is_cancelled=True, **change)
    assert NextReminder.objects.get().look_at == START + WEEK - 10 * MINUTE
    assert at(clock, START - 10 * MINUTE) == []


def test_moved_occurrence_is_reminded_of_at_its_new_time(clock: Any) -> None:
    circle = reminding(TEN, schedule=schedule(pattern=WEEKLY))
    times = {"starts_at": START + 3 * HOUR, "starts_at_zone": "Europe/Berlin"}
    actor = Actor.by_api(circle.alice)
    update_instance(event=circle.event, actor=actor, original_starts_at=START, columns=times)
    found = walk(clock, START - HOUR, START + 4 * HOUR)
    assert list(found) == [START + 3 * HOUR - 10 * MINUTE]


def test_meeting_that_moves_after_its_reminder_has_another_one(circle: Circle, clock: Any) -> None:
    assert at(clock, START - 10 * MINUTE) == [ALICE, BOB]
    move(circle, START + HOUR)
    assert at(clock, START + HOUR - 10 * MINUTE) == [ALICE, BOB]


def test_meeting_that_is_moved_to_where_its_reminder_is_past_has_none(clock: Any) -> None:
    circle = reminding(Rule(minutes=1440))
    clock.move_to(START - 5 * DAY)
    move(circle, START - 5 * DAY + 2 * HOUR)
    assert walk(clock, START - 5 * DAY, START) == {}


def move(circle: Circle, start: datetime) -> None:
    when = {"starts_at": start, "ends_at": start + HOUR}
    update_event(event=circle.event, actor=Actor.by_api(circle.alice), columns={}, schedule=when)


def test_meeting_without_time_or_that_begins_at_once_has_no_reminder(clock: Any) -> None:
    reminding(TEN, schedule=None)
    assert not NextReminder.objects.exists()


def test_adhoc_meeting_has_no_reminder(clock: Any) -> None:
    reminding(TEN, is_adhoc=True)
    assert not NextReminder.objects.exists()


def test_meeting_that_has_begun_is_not_reminded_of(circle: Circle, clock: Any) -> None:
    """Nobody ran the job for a while."""
    assert at(clock, START) == []
    assert not NextReminder.objects.exists()


def test_late_reminder_comes_once_for_all_rules_that_are_due(clock: Any) -> None:
    reminding(TEN, Rule(minutes=60), EVENING)
    assert at(clock, START - 2 * MINUTE) == [ALICE, BOB]
    assert [row.offset_minutes for row in OutgoingMail.objects.filter(kind__endswith="reminder")] == [10, 10]


# --- what each person wants ---


def test_usual_reminders_of_a_person_are_of_all_that_persons_meetings(clock: Any) -> None:
    circle = Circle()
    set_usual_reminders(user=circle.bob, actor=Actor.by_api(circle.bob), rules=[TEN], is_off=False)
    run()
    later = factories.event(circle.alice, schedule=schedule(starts_at=START + DAY, ends_at=START + DAY + HOUR))
    circle.event = later
    circle.invite(circle.bob)
    found = walk(clock, START - HOUR, START + DAY)
    assert found == {START - 10 * MINUTE: [BOB], START + DAY - 10 * MINUTE: [BOB]}


def test_usual_reminders_of_the_creator_are_of_new_meetings_too(clock: Any) -> None:
    alice = factories.user("alice")
    set_usual_reminders(user=alice, actor=Actor.by_api(alice), rules=[TEN], is_off=False)
    factories.event(alice)
    assert at(clock, START - 10 * MINUTE) == [ALICE]


def test_own_choice_for_a_meeting_stands_instead_of_all_others(circle: Circle, clock: Any) -> None:
    set_usual_reminders(user=circle.bob, actor=Actor.by_api(circle.bob), rules=[Rule(minutes=5)], is_off=False)
    set_reminders(event=circle.event, user=circle.bob, actor=Actor.by_api(circle.bob), rules=[Rule(minutes=30)])
    found = walk(clock, START - HOUR, START)
    assert found == {START - 30 * MINUTE: [BOB], START - 10 * MINUTE: [ALICE]}


def test_no_rule_for_a_meeting_is_no_reminder_of_it(circle: Circle, clock: Any) -> None:
    set_reminders(event=circle.event, user=circle.bob, actor=Actor.by_api(circle.bob), rules=[])
    assert at(clock, START - 10 * MINUTE) == [ALICE]


def test_own_choice_that_is_taken_back_leaves_the_usual(circle: Circle, clock: Any) -> None:
    for rules in ([], None):
        set_reminders(event=circle.event, user=circle.bob, actor=Actor.by_api(circle.bob), rules=rules)
    assert at(clock, START - 10 * MINUTE) == [ALICE, BOB]


def test_who_has_switched_them_off_gets_none(circle: Circle, clock: Any) -> None:
    switch_off(person=circle.bob)
    assert at(clock, START - 10 * MINUTE) == [ALICE]


def test_who_switches_them_on_again_has_the_same_as_before(circle: Circle, clock: Any) -> None:
    bob = Actor.by_api(circle.bob)
    set_usual_reminders(user=circle.bob, actor=bob, rules=[Rule(minutes=5)], is_off=False)
    switch_off(person=circle.bob)
    run()
    set_usual_reminders(user=circle.bob, actor=bob, is_off=False)
    found = walk(clock, START - 10 * MINUTE, START)
    assert found == {START - 10 * MINUTE: [ALICE, BOB], START - 5 * MINUTE: [BOB]}


def test_outsiders_are_reminded_with_their_own_link_until_they_say_no(
    circle: Circle, clock: Any, settings: Any
) -> None:
    settings.EVENT_INVITE_EXTERNAL = True
    for name in ("dora", "eve"):
        circle.invite(f"{name}@example.org")
    switch_off(person="eve@example.org")
    assert at(clock, START - 10 * MINUTE) == [ALICE, BOB, "dora@example.org"]
    code = EmailInvite.objects.get(email="dora@example.org").invite_code.code
    row = OutgoingMail.objects.get(address="dora@example.org")
    assert (row.kind, row.message["invite_code"]) == ("external_event_reminder", str(code))


# --- exactly once ---


def test_second_run_at_the_same_time_sends_nothing(circle: Circle, clock: Any) -> None:
    assert at(clock, START - 10 * MINUTE) == [ALICE, BOB]
    assert run() == []


@pytest.mark.slow
def test_clock_that_goes_back_two_hours_reminds_nobody_twice(clock: Any) -> None:
    circle = reminding(TEN, schedule=schedule(pattern=("RRULE:FREQ=DAILY",)))
    assert at(clock, START - 10 * MINUTE) == [f"{ALICE} 20261123T090000Z", f"{BOB} 20261123T090000Z"]
    clock.move_to(START - 2 * HOUR - 10 * MINUTE)
    set_reminders_for_everybody(event=circle.event, actor=Actor.by_api(circle.alice), rules=[TEN, Rule(minutes=1)])
    found = walk(clock, START - 2 * HOUR - 10 * MINUTE, START)
    assert found == {START - MINUTE: [f"{ALICE} 20261123T090000Z", f"{BOB} 20261123T090000Z"]}


def test_clock_that_goes_ahead_two_hours_sends_early_and_once(clock: Any) -> None:
    reminding(TEN)
    assert at(clock, START - 5 * MINUTE) == [ALICE, BOB]  # by the wrong clock
    assert walk(clock, START - 2 * HOUR - 5 * MINUTE, START) == {}


# --- the mail ---


def test_mail_has_the_readers_words_and_a_way_out(circle: Circle, clock: Any, settings: Any) -> None:
    User.objects.filter(pk=circle.bob.pk).update(language="de", time_zone="America/New_York")
    at(clock, START - 10 * MINUTE)
    deliver_due()
    (mail,) = [mail for mail in sent_mails.outbox if BOB in mail.to[0]]
    assert " ".join(mail.subject.split()) == "Erinnerung: Team meeting, Mo., 23. Nov. 2026, 04:00 – 05:00"
    assert f"/room/{circle.event.room_id}" in mail.body
    link = mail.extra_headers["List-Unsubscribe"]
    assert link.startswith(f"<{settings.BASE_URL}/reminders/off/")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.strip("<>") in mail.body
    assert not mail.attachments
    assert [kind for _content, kind in mail.alternatives] == ["text/html"]


@pytest.mark.slow
def test_mail_of_an_occurrence_tells_that_one(clock: Any) -> None:
    circle = reminding(TEN, schedule=schedule(pattern=WEEKLY))
    times = {"starts_at": START + WEEK + 3 * HOUR, "starts_at_zone": "Europe/Berlin", "title": "Review"}
    update_instance(
        event=circle.event, actor=Actor.by_api(circle.alice), original_starts_at=START + WEEK, columns=times
    )
    at(clock, START + WEEK + 3 * HOUR - 10 * MINUTE)
    deliver_due()
    mail = sent_mails.outbox[-1]
    assert " ".join(mail.subject.split()) == "Reminder: Review, Mon, Nov 30, 2026, 1:00 PM – 2:00 PM"


@pytest.mark.slow
def test_reminder_is_sent_again_while_it_is_true(circle: Circle, clock: Any) -> None:
    at(clock, START - 10 * MINUTE)
    deliver_due()
    row = OutgoingMail.objects.get(address=BOB, kind="registered_event_reminder")
    actor = Actor.by_admin(circle.alice)
    assert resend_mail(mail=row, actor=actor)
    move(circle, START + HOUR)
    with pytest.raises(OutdatedMail, match="has changed"):
        resend_mail(mail=row, actor=actor)


def test_reminder_of_who_has_left_is_not_sent_again(circle: Circle, clock: Any) -> None:
    at(clock, START - 10 * MINUTE)
    row = OutgoingMail.objects.get(address=BOB, kind="registered_event_reminder")
    EventInvite.objects.all().delete()
    with pytest.raises(OutdatedMail, match="no longer invited"):
        resend_mail(mail=row, actor=Actor.by_admin(circle.alice))


def test_other_programs_cannot_queue_reminders(circle: Circle, clock: Any) -> None:
    at(clock, START - 10 * MINUTE)
    row = OutgoingMail.objects.get(address=BOB, kind="registered_event_reminder")
    with pytest.raises(RefusedTaskError, match="not a message of the protocol"):
        take_in(json.dumps(row.message).encode())
