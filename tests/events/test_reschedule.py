"""POST /v1/events/{id}/reschedule: this and following (contract 9.13)."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any

import pytest
import time_machine
from django.core import mail
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from activity.actors import Actor
from calendars import recurrence
from events.agenda import differences
from events.models import Event, EventException, Favorite, Reminder, SharedFolder
from events.schedule import InvalidEvent
from events.services import series as services
from events.services.events import delete_event
from events.services.instances import update_instance
from events.services.invitations import answer_invite
from events.services.series import reschedule_event
from invites.models import EmailInvite, EventInvite, InviteCode, Reply
from mailer.models import OutgoingMail
from mailer.send import deliver_due
from rooms.models import Room
from tests import factories
from tests.circle import GUEST, Circle
from tests.events.changes import WEEKLY, refused, time
from tests.sweeps import examples, sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WEEK = timedelta(days=7)
END = datetime(2027, 3, 20, tzinfo=UTC)  # before the clock changes
REPORT = {"initial_checkpoint_delay": {"after": 60, "within": 0}, "checkpoint_interval": {"after": 60, "within": 0}}
THIRD = {"from": time("2026-12-07T10:00:00+01:00")}


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=WEEKLY))


def reschedule(circle: Circle, body: dict[str, Any], **query: Any) -> Any:
    return circle.api("creator").post(f"{circle.path}/reschedule", body, **query)


def split(circle: Circle, **body: Any) -> tuple[Event, Event]:
    """Both parts afterwards."""
    answer = reschedule(circle, THIRD | body)
    assert answer.status_code == 201, answer.content
    return Event.objects.get(pk=circle.event.pk), Event.objects.get(pk=answer.json()["id"])


def starts(event: Event, count: int = 3) -> list[str]:
    series = event.as_series()
    assert series is not None
    overrides = [exception.as_override() for exception in event.exceptions.all()]
    found = recurrence.occurrences(series, overrides=overrides)
    return [f"{item.starts_at:%m-%dT%H}" + "x" * item.is_cancelled for item in islice(found, count)]


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 201),
    ],
    fast=2,
)
def test_only_the_creator_may_split_a_series(circle: Circle, who: str, status: int) -> None:
    assert circle.api(who).post(f"{circle.path}/reschedule", THIRD).status_code == status
    assert Event.objects.count() == 1 + (status == 201)


@pytest.mark.slow
def test_answer_is_the_new_event(circle: Circle) -> None:
    answer = reschedule(circle, THIRD | {"title": "Review"}, invitees_max=5)
    new = circle.api("creator").get(answer["Location"], invitees_max=5).json()
    assert (answer.status_code, answer.json()) == (201, new)
    assert (new["title"], new["starts_at"], new["room"]) == (
        "Review",
        time("2026-12-07T09:00:00Z"),
        circle.api("creator").get(circle.path).json()["room"],
    )


@pytest.mark.slow
def test_old_part_ends_before_and_new_part_goes_on(circle: Circle) -> None:
    old, new = split(circle)
    assert (starts(old), starts(new)) == (["11-23T09", "11-30T09"], ["12-07T09", "12-14T09", "12-21T09"])
    assert old.recurrence_pattern == ["RRULE:FREQ=WEEKLY;UNTIL=20261130T090000Z"]
    assert (old.series_ends_at, new.series_ends_at) == (MONDAY + WEEK + timedelta(hours=1), None)


@pytest.mark.slow
def test_parts_share_series_and_room_and_are_linked(circle: Circle) -> None:
    old, new = split(circle)
    assert (old.continued_by, new.continued_by, old.series, old.room_id) == (new, None, new.series, new.room_id)
    assert Room.objects.count() == 1


@pytest.mark.slow
@sweep(
    ("body", "expected"),
    [
        ({"starts_at": time("2026-12-07T15:00:00+01:00")}, ["12-07T14", "12-14T14", "12-21T14"]),
        ({"starts_at": time("2026-12-08T10:00:00+01:00")}, ["12-08T09", "12-15T09", "12-22T09"]),
        ({"recurrence_pattern": ["RRULE:FREQ=DAILY"]}, ["12-07T09", "12-08T09", "12-09T09"]),
        ({"recurrence_pattern": []}, ["12-07T09"]),
        (
            {"starts_at": time("2026-12-09T10:00:00+01:00"), "recurrence_pattern": ["RRULE:FREQ=MONTHLY;COUNT=2"]},
            ["12-09T09", "01-09T09"],
        ),
        ({"is_all_day": True, "starts_at": time("2026-12-07T00:00:00+01:00")}, ["12-06T23", "12-13T23", "12-20T23"]),
    ],
    fast=3,
)
def test_new_part_is_as_the_body_says(circle: Circle, body: dict[str, Any], expected: list[str]) -> None:
    old, new = split(circle, **body)
    assert (starts(old), starts(new)) == (["11-23T09", "11-30T09"], expected)


def test_moved_start_keeps_the_duration(circle: Circle) -> None:
    _old, new = split(circle, starts_at=time("2026-12-07T15:00:00+01:00"))
    assert new.ends_at == datetime(2026, 12, 7, 15, tzinfo=UTC)


@pytest.mark.slow
def test_given_end_makes_it_longer(circle: Circle) -> None:
    _old, new = split(circle, ends_at=time("2026-12-07T12:00:00+01:00"))
    assert new.ends_at == datetime(2026, 12, 7, 11, tzinfo=UTC)


def exception(circle: Circle, weeks: int, **columns: Any) -> None:
    how: dict[str, Any] = {"is_cancelled": True} if not columns else {}
    update_instance(
        event=circle.event,
        original_starts_at=MONDAY + weeks * WEEK,
        actor=Actor.by_api(circle.alice),
        columns=columns,
        **how,
    )


@pytest.mark.slow
def test_exceptions_go_with_their_occurrences(circle: Circle) -> None:
    exception(circle, 1)
    exception(circle, 3)
    exception(circle, 4, starts_at=datetime(2026, 12, 24, 8, tzinfo=UTC), starts_at_zone="UTC")
    old, new = split(circle)
    assert (starts(old), starts(new)) == (["11-23T09", "11-30T09x"], ["12-07T09", "12-14T09x", "12-24T08"])


@pytest.mark.slow
def test_exceptions_follow_a_moved_start(circle: Circle) -> None:
    exception(circle, 3)
    exception(circle, 4, title="Party")
    _old, new = split(circle, starts_at=time("2026-12-08T15:00:00+01:00"))
    assert starts(new) == ["12-08T14", "12-15T14x", "12-22T14"]
    assert new.exceptions.get(title="Party").original_starts_at == datetime(2026, 12, 22, 14, tzinfo=UTC)


@pytest.mark.slow
def test_exceptions_of_occurrences_that_are_no_more_go(circle: Circle) -> None:
    exception(circle, 3)
    _old, new = split(circle, recurrence_pattern=["RRULE:FREQ=WEEKLY;INTERVAL=2"])
    assert not EventException.objects.exists()
    assert starts(new) == ["12-07T09", "12-21T09", "01-04T09"]


@pytest.mark.slow
def test_people_keep_roles_and_answers(circle: Circle) -> None:
    circle.invite("dora@example.org", role="moderator")
    circle.invite(factories.user("carol"), role="moderator")
    actor = Actor.by_api(circle.bob)
    answer_invite(invite=circle.event.invites.get(invitee=circle.bob), status="tentative", actor=actor, via="api")
    answer_invite(invite=circle.event.email_invites.get(), status="accepted", actor=actor, via="mail")
    old, new = split(circle)
    for kind, names in ((EventInvite, ["invitee", "role", "status"]), (EmailInvite, ["email", "role", "status"])):
        mine, theirs = (
            sorted(kind.objects.filter(event=part).values_list(*names, "created_at", "created_by", "invite_code"))
            for part in (old, new)
        )
        assert mine == theirs
    assert circle.api("invitee").get(f"/v1/events/{new.pk}").json()["invite_status"] == "tentative"
    assert EventInvite.objects.values("token_nonce").distinct().count() == EventInvite.objects.count()


@pytest.mark.slow
def test_answers_to_single_occurrences_follow_these(circle: Circle) -> None:
    invite = circle.event.invites.get()
    for weeks in (1, 3):
        answer_invite(
            invite=invite,
            status="declined",
            actor=Actor.by_api(circle.bob),
            via="mail",
            occurrence=MONDAY + weeks * WEEK,
        )
    old, new = split(circle, starts_at=time("2026-12-07T15:00:00+01:00"))
    kept, moved = Reply.objects.order_by("occurrence")
    assert (kept.event_invite.event, kept.occurrence) == (old, MONDAY + WEEK)
    assert (moved.event_invite.event, moved.occurrence) == (new, MONDAY + 3 * WEEK + timedelta(hours=5))


@pytest.mark.slow
def test_all_else_is_carried_over(circle: Circle) -> None:
    Favorite.objects.create(event=circle.event, user=circle.bob)
    Reminder.objects.create(event=circle.event, rules=[{"minutes_before": 10}])
    SharedFolder.objects.create(event=circle.event, path="/x", read_url="https://files.example.org/x")
    Event.objects.update(lobby_opens_before_minutes=5, training_participation_report=REPORT)
    _old, new = split(circle, show_meeting_details=True)
    assert new.shared_folder.read_url == "https://files.example.org/x"
    assert (new.reminders.get().rules, new.favorites.get().user) == ([{"minutes_before": 10}], circle.bob)
    assert (new.lobby_opens_before_minutes, new.training_participation_report) == (5, REPORT)
    assert (new.show_meeting_details, new.organizer_address) == (True, "alice@example.com")
    assert circle.api("invitee").get(f"/v1/events/{new.pk}").json()["is_favorite"] is True


@pytest.mark.slow
def test_both_parts_are_in_every_agenda(circle: Circle) -> None:
    exception(circle, 4, starts_at=datetime(2026, 11, 1, 8, tzinfo=UTC), starts_at_zone="UTC")
    split(circle)
    assert differences(list(Event.objects.all())) == []
    assert len(circle.api("invitee").get("/v1/events").json()) == 3


@pytest.mark.slow
def test_log_tells_of_both_parts(circle: Circle) -> None:
    traces = Traces()
    split(circle)
    assert traces.activities() == [("event.updated", ["alice", "bob"]), ("event.created", ["alice", "bob"])]
    assert traces.last("event.updated").changes["recurrence_pattern"] == [
        ["RRULE:FREQ=WEEKLY"],
        ["RRULE:FREQ=WEEKLY;UNTIL=20261130T090000Z"],
    ]


@pytest.mark.slow
def test_everybody_gets_the_shorter_entry_and_the_new_one(circle: Circle) -> None:
    circle.invite("dora@example.org")
    answer_invite(invite=circle.event.invites.get(), status="accepted", actor=Actor.by_api(circle.bob), via="api")
    old, new = split(circle, starts_at=time("2026-12-07T15:00:00+01:00"))
    mail.outbox.clear()
    deliver_due()
    for address in ("alice@example.com", "bob@example.com", "dora@example.org"):
        first, second = sorted(
            (
                Calendar.from_ical(message.attachments[-1].content)
                for message in mail.outbox
                if address in message.to[0]
            ),
            key=lambda calendar: calendar.walk("VEVENT")[0].decoded("dtstart"),
        )
        (ended,), (began,) = first.walk("VEVENT"), second.walk("VEVENT")
        assert (ended["uid"], ended["sequence"], began["uid"], began["sequence"]) == (old.uid, 1, new.uid, 0)
        assert ended["rrule"]["until"] == [MONDAY + WEEK]
        assert "until" not in began["rrule"]
        if "alice" in address:  # the organizer is told, and not asked
            assert "attendee" not in {*ended, *began}
            continue
        partstat = "NEEDS-ACTION" if "dora" in address else "ACCEPTED"
        assert {event["attendee"].params["PARTSTAT"] for event in (ended, began)} == {partstat}
    assert InviteCode.objects.count() == 1


def test_mails_can_be_suppressed(circle: Circle) -> None:
    assert reschedule(circle, THIRD, suppress_email_notification="true").status_code == 201
    assert not OutgoingMail.objects.exists()


@pytest.mark.slow
def test_part_can_be_split_again(circle: Circle) -> None:
    _first, second = split(circle)
    third = reschedule_event(
        event=second, actor=Actor.by_api(circle.alice), starts_from=MONDAY + 5 * WEEK, schedule={}, columns={}
    )
    between = reschedule_event(
        event=second, actor=Actor.by_api(circle.alice), starts_from=MONDAY + 3 * WEEK, schedule={}, columns={}
    )
    second.refresh_from_db()
    assert (second.continued_by, between.continued_by_id, third.continued_by_id) == (between, third.pk, None)


@pytest.mark.slow
@sweep("gone", [0, 1, 2, 3], fast=2)
def test_parts_around_a_deleted_one_are_joined(circle: Circle, gone: int) -> None:
    parts = [circle.event]
    for weeks in (2, 4, 6):
        event = Event.objects.get(pk=parts[-1].pk)
        parts.append(
            reschedule_event(
                event=event,
                actor=Actor.by_api(circle.alice),
                starts_from=MONDAY + weeks * WEEK,
                schedule={},
                columns={},
            )
        )
    delete_event(event=Event.objects.get(pk=parts.pop(gone).pk), actor=Actor.by_api(circle.alice))
    links = dict(Event.objects.values_list("pk", "continued_by"))
    assert links == {
        part.pk: follower and follower.pk for part, follower in zip(parts, [*parts[1:], None], strict=True)
    }
    assert Room.objects.count() == 1


def told(circle: Circle, part: Event, body: dict[str, Any]) -> list[tuple[Any, list[str]]]:
    """Of which events' changes the log tells, and that each was mailed to both people."""
    traces = Traces()
    assert circle.api("creator").patch(f"/v1/events/{part.pk}", body).status_code == 200
    found = [(row.event_id, sorted(row.changes)) for row in traces.log() if row.kind == "event.updated"]
    assert len(traces.mails()) == 2 * len(found)
    return found


@pytest.mark.slow
def test_what_parts_share_changes_in_all_of_them(circle: Circle) -> None:
    old, new = split(circle)
    body = {"title": "Review", "password": "secret", "streaming_targets": [factories.STREAM]}
    changes = ["has_password", "streaming_targets"]
    assert told(circle, old, body) == [(old.pk, [*changes, "title"]), (new.pk, changes)]


@pytest.mark.slow
def test_part_that_is_over_does_not_change(circle: Circle) -> None:
    _old, new = split(circle)
    with time_machine.travel(datetime(2026, 12, 20, tzinfo=UTC)):
        assert told(circle, new, {"password": "secret"}) == [(new.pk, ["has_password"])]


@pytest.mark.slow
def test_room_goes_with_its_last_part(circle: Circle) -> None:
    for event in split(circle):
        delete_event(event=Event.objects.get(pk=event.pk), actor=Actor.by_api(circle.alice))
    assert not Room.objects.exists()


@pytest.mark.slow
def test_code_works_until_its_owner_is_in_no_part(circle: Circle) -> None:
    circle.invite("dora@example.org")
    for event, is_active in zip(split(circle), (True, False), strict=True):
        answer = circle.api("creator").delete(f"/v1/events/{event.pk}/invites/email", {"email": "dora@example.org"})
        assert answer.status_code == 204
        assert InviteCode.objects.get().active is is_active


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"from": time("2026-11-23T10:00:00+01:00")}, "first occurrence"),
        ({"from": time("2020-01-01T00:00:00Z")}, "first occurrence"),
        ({"from": time("9999-01-01T00:00:00Z")}, "no occurrence"),
        (THIRD | {"ends_at": time("2026-12-07T08:00:00Z")}, "ends_at must not be before"),
        (THIRD | {"is_all_day": True}, "midnight"),
        (THIRD | {"recurrence_pattern": ["RRULE:FREQ=HOURLY"]}, "below 'DAILY'"),
        (THIRD | {"recurrence_pattern": ["RRULE:FREQ=DAILY;UNTIL=20200101T000000Z"]}, "does not yield"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(circle: Circle, body: dict[str, Any], message: str) -> None:
    before, traces = list(Event.objects.values()), Traces()
    answer = reschedule(circle, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert message in answer.json()["message"]
    assert traces.is_empty()
    assert list(Event.objects.values()) == before


def test_start_on_another_day_of_the_week_needs_a_new_pattern() -> None:
    circle = Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY;BYDAY=MO",)))
    answer = reschedule(circle, THIRD | {"starts_at": time("2026-12-08T10:00:00+01:00")})
    assert (answer.status_code, "give the new recurrence_pattern" in answer.json()["message"]) == (422, True)


@pytest.mark.parametrize("schedule", [None, factories.schedule()])
def test_what_does_not_repeat_is_not_split(schedule: Any) -> None:
    answer = reschedule(Circle(schedule=schedule), THIRD)
    assert (answer.status_code, answer.json()["message"]) == (422, "The event does not repeat")


@pytest.mark.slow
@pytest.mark.parametrize("midnight", ["2026-12-08T00:00:00Z", "2026-12-08T00:00:00+01:00"])
def test_day_of_an_all_day_series_is_named_by_either_midnight(midnight: str) -> None:
    """As where it was planned: UTC's midnight is one o'clock in Berlin, after the day's start."""
    days = {"starts_at": datetime(2026, 11, 24, tzinfo=UTC), "ends_at": datetime(2026, 11, 25, tzinfo=UTC)}
    circle = Circle(schedule=factories.schedule(is_all_day=True, pattern=WEEKLY, **days))
    before, after = split(circle, **{"from": time(midnight)})
    assert starts(before) == ["11-23T23", "11-30T23"]
    assert starts(after) == ["12-07T23", "12-14T23", "12-21T23"]


@pytest.mark.parametrize(
    "body", [{}, {"from": None}, {"from": "2026-12-07T09:00:00Z"}, {"from": time("2026-12-07T24:00:00Z")}]
)
def test_from_is_a_time_with_zone(circle: Circle, body: dict[str, Any]) -> None:
    answer = reschedule(circle, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_long_title_is_named(circle: Circle) -> None:
    assert refused(reschedule(circle, THIRD | {"title": "x" * 256})) == [("title", "invalid_length")]


STEPS = ["_shorten", "_carry_over", "_copy", "_hand_over_exceptions", "_hand_over_replies", "_tell"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@sweep("step", STEPS, fast=3)
def test_failure_in_any_step_leaves_nothing_half_done(circle: Circle, step: str, monkeypatch: Any) -> None:
    exception(circle, 3)
    tables = (Event, EventException, EventInvite, EmailInvite, OutgoingMail)
    before = [list(table.objects.values()) for table in tables]
    work = getattr(services, step)

    def fail(*args: Any, **kwargs: Any) -> None:
        work(*args, **kwargs)
        raise RuntimeError(step)

    monkeypatch.setattr(services, step, fail)
    with pytest.raises(RuntimeError, match=step):
        reschedule_event(
            event=circle.event,
            actor=Actor.by_api(circle.alice),
            starts_from=MONDAY + 2 * WEEK,
            schedule={},
            columns={},
        )
    assert [list(table.objects.values()) for table in tables] == before


ADDED = date(2026, 12, 3)
PATTERNS = [
    ("RRULE:FREQ=WEEKLY",),
    ("RRULE:FREQ=WEEKLY;COUNT=12",),
    ("RRULE:FREQ=DAILY;INTERVAL=3", "EXDATE:20261202T090000Z"),
    ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20270101T090000Z", "RDATE:20261203T090000Z"),
    ("RRULE:FREQ=MONTHLY;BYDAY=-1MO",),
]


@pytest.mark.slow
@settings(max_examples=examples(10, 40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pattern=st.sampled_from(PATTERNS),
    changes=st.dictionaries(st.integers(0, 9), st.sampled_from([None, -30, 1, 40]), max_size=4),
    cut=st.integers(1, 9),
    hours=st.sampled_from([0, 0, 3, -20]),
)
def test_nothing_is_lost_and_nothing_appears(
    circle: Circle, pattern: tuple[str, ...], changes: dict[int, int | None], cut: int, hours: int
) -> None:
    """Before the cut all is as it was; from the cut on it is the old series, later by as many hours as was asked."""
    event = factories.event(circle.alice, schedule=factories.schedule(pattern=pattern))
    series = event.as_series()
    assert series is not None
    names = [item.original_starts_at for item in islice(recurrence.occurrences(series), 10)]
    assume(hours >= 0 or names[cut].date() != ADDED)  # a day earlier is one of the rule's own days, which stay
    for index, days in changes.items():
        columns = {} if days is None else {"starts_at": names[index] + timedelta(days=days), "starts_at_zone": "UTC"}
        update_instance(
            event=event,
            original_starts_at=names[index],
            actor=Actor.by_api(circle.alice),
            columns=columns,
            is_cancelled=True if days is None else None,
        )
    before = seen(event)
    moved = {"starts_at": names[cut] + timedelta(hours=hours), "starts_at_zone": "Europe/Berlin"} if hours else {}
    try:
        following = reschedule_event(
            event=event, actor=Actor.by_api(circle.alice), starts_from=names[cut], schedule=moved, columns={}
        )
    except InvalidEvent:
        assert hours < 0  # another day than the pattern's
        return
    distance = timedelta(hours=hours)
    old, new = seen(Event.objects.get(pk=event.pk)), seen(following, END + distance)
    expected = {name + distance: row for name, row in before.items() if name >= names[cut]}
    assert old == {name: row for name, row in before.items() if name < names[cut]}
    assert new.keys() == expected.keys()
    for name, (start, is_cancelled, is_moved) in expected.items():
        assert new[name] == (start if is_moved else start + distance, is_cancelled, is_moved)


def seen(event: Event, until: datetime = END) -> dict[datetime, tuple[datetime, bool, bool]]:
    """Start, whether it is cancelled and whether it has a time of its own, by name, for some months."""
    series = event.as_series()
    assert series is not None
    overrides = [exception.as_override() for exception in EventException.objects.filter(event=event)]
    found = recurrence.by_original_start(series, overrides=overrides)
    return {
        item.original_starts_at: (
            item.starts_at,
            item.is_cancelled,
            bool(item.override and item.override.starts_at),
        )
        for item in takewhile(lambda item: item.original_starts_at < until, found)
    }
