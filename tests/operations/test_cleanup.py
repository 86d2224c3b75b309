"""Jobs that delete: who is a candidate, the threshold, objects that fail, and a run that is killed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from activity.models import Activity
from events.models import Event
from invites.models import InviteCode
from invites.services import create_code
from operations import cleanup, job
from operations.jobs.adhoc_event_cleanup import AdhocEventCleanup
from operations.jobs.event_cleanup import EventCleanup
from operations.jobs.invite_cleanup import InviteCleanup
from operations.jobs.room_cleanup import RoomCleanup
from operations.models import JobRun
from operations.progress import Progress
from rooms.models import Room
from rooms.services import create_room
from tests import factories
from tests.factories import schedule
from users.models import User

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def past(creator: User, days: float, **fields: Any) -> Event:
    """A meeting of an hour that ended so many days ago."""
    event = factories.event(creator, **fields)
    ended = NOW - days * DAY
    times = {"starts_at": ended - timedelta(hours=1), "ends_at": ended, "series_ends_at": ended}
    Event.objects.filter(pk=event.pk).update(**times)
    return event


def titles() -> set[str]:
    return set(Event.objects.values_list("title", flat=True))


def test_event_cleanup_deletes_what_is_over_for_so_long_with_its_room(alice: User) -> None:
    past(alice, 31, title="long over")
    past(alice, 29, title="over")
    factories.event(alice, title="to come")
    factories.event(alice, title="weekly for ever", schedule=schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    factories.event(alice, title="some day", schedule=None)
    mail.outbox.clear()
    row = job.run(EventCleanup())
    assert row is not None
    assert (row.state, row.touched, row.total, row.failed) == ("succeeded", 1, 1, 0)
    assert [label for _id, label in row.result["objects"]] == ["long over"]
    assert titles() == {"over", "to come", "weekly for ever", "some day"}
    assert Room.objects.count() == 4
    assert mail.outbox == []
    deleted = Activity.objects.get(kind="event.deleted")
    assert (deleted.actor_kind, deleted.actor_name) == ("job", "event-cleanup")


def test_series_counts_by_its_last_occurrence(alice: User) -> None:
    event = past(alice, 400, title="a year of it")
    Event.objects.filter(pk=event.pk).update(series_ends_at=NOW - 29 * DAY)
    job.run(EventCleanup())
    assert titles() == {"a year of it"}
    job.run(EventCleanup(days_since_last_occurrence=28))
    assert titles() == set()


def test_event_cleanup_leaves_meetings_without_a_plan_to_its_sister(alice: User) -> None:
    event = past(alice, 40, title="at once")
    Event.objects.filter(pk=event.pk).update(is_adhoc=True, created_at=NOW - timedelta(hours=23))
    job.run(EventCleanup())
    job.run(AdhocEventCleanup())
    assert titles() == {"at once"}
    job.run(AdhocEventCleanup(seconds_since_creation=82_000))
    assert titles() == set()


def test_invite_cleanup_closes_codes_and_keeps_their_rows(alice: User) -> None:
    room = factories.event(alice).room
    actor = EventCleanup().actor
    endless = create_code(room=room, user=alice, actor=actor)
    ended, valid = (create_code(room=room, user=alice, actor=actor, expiration=NOW + days * DAY) for days in (-1, 1))
    assert job.run(InviteCleanup(expired_before=NOW - 2 * DAY)).touched == 0  # type: ignore[union-attr]
    assert job.run(InviteCleanup(expired_before=NOW + 9 * DAY), is_dry_run=True).touched == 1  # type: ignore[union-attr]
    assert job.run(InviteCleanup()).touched == 1  # type: ignore[union-attr]
    assert list(InviteCode.objects.filter(active=False)) == [ended]
    assert set(InviteCode.objects.filter(active=True)) == {valid, endless}
    assert Activity.objects.filter(kind="code.revoked", actor_name="invite-cleanup").count() == 1


def test_room_cleanup_spares_rooms_that_were_made_by_themselves(alice: User) -> None:
    by_itself = create_room(creator=alice, actor=EventCleanup().actor)
    left = factories.event(alice)
    Event.objects.filter(pk=left.pk).delete()
    of_meeting = factories.event(alice).room
    job.run(RoomCleanup())
    assert Room.objects.count() == 3  # it may be the room of a meeting that is just being made
    Room.objects.update(created_at=NOW - DAY)
    job.run(RoomCleanup())
    assert set(Room.objects.all()) == {by_itself, of_meeting}


# --- The frame ---


@pytest.fixture
def many(alice: User) -> list[Event]:
    """Eleven that are over, of fourteen."""
    for number in range(3):
        factories.event(alice, title=f"to come {number}")
    return [past(alice, 40, title=f"over {number}") for number in range(11)]


def test_more_than_the_threshold_needs_force(many: list[Event]) -> None:
    row = job.run(EventCleanup())
    assert row is not None
    assert (row.state, row.touched) == ("failed", 0)
    assert row.error == (
        "ThresholdExceeded: 11 of 14 would be changed, which is more than 5%. Look at a dry run first. If it is right,"
        " run the job with force."
    )
    assert Event.objects.count() == 14
    assert job.run(EventCleanup(force=True)).touched == 11  # type: ignore[union-attr]
    assert Event.objects.count() == 3


def test_ten_objects_need_no_force(many: list[Event]) -> None:
    Event.objects.filter(pk=many[0].pk).update(series_ends_at=NOW)
    assert job.run(EventCleanup()).touched == 10  # type: ignore[union-attr]


def test_small_part_of_many_needs_no_force(many: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "STOP_SHARE", 11 / 14)
    assert job.run(EventCleanup()).touched == 11  # type: ignore[union-attr]


def test_dry_run_names_what_the_run_then_does(many: list[Event]) -> None:
    dry = job.run(EventCleanup(force=True), is_dry_run=True)
    assert Event.objects.count() == 14
    real = job.run(EventCleanup(force=True))
    assert dry is not None
    assert real is not None
    assert dry.touched == real.touched == 11
    assert dry.result == real.result
    stopped = job.run(EventCleanup(), is_dry_run=True)
    assert stopped is not None
    assert "stopped" not in stopped.result


def test_dry_run_says_that_the_run_would_be_stopped(many: list[Event]) -> None:
    row = job.run(EventCleanup(), is_dry_run=True)
    assert row is not None
    assert row.state == "succeeded"
    assert row.result["stopped"].startswith("11 of 14 would be changed")


def test_object_that_fails_is_counted_and_the_others_go_on(many: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    bad, remove = many[4], EventCleanup.remove

    def fail_at_one(self: EventCleanup, one: Event) -> None:
        remove(self, one)
        if one.pk == bad.pk:
            raise OSError("no disk")

    monkeypatch.setattr(EventCleanup, "remove", fail_at_one)
    row = job.run(EventCleanup(force=True))
    assert row is not None
    assert (row.state, row.touched, row.failed, row.total) == ("failed", 10, 1, 11)
    assert row.error == f"1 of 11 failed; the first: {bad.pk}: OSError: no disk"
    assert row.result["errors"] == [f"{bad.pk}: OSError: no disk"]
    assert Event.objects.filter(pk=bad.pk).exists()
    assert not Activity.objects.filter(kind="event.deleted", subject_id=bad.pk).exists()


def test_run_that_was_killed_is_finished_by_the_next(many: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    tell = Progress.tell

    def die_after_four(self: Progress, done: int, total: int | None, *, failed: int = 0) -> None:
        tell(self, done, total, failed=failed)
        if done == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "tell", die_after_four)
    with pytest.raises(KeyboardInterrupt):
        job.run(EventCleanup(force=True))
    monkeypatch.setattr(Progress, "tell", tell)
    assert job.run(EventCleanup(force=True)) is None  # its lock holds for two minutes after its last word
    JobRun.objects.update(expires_at=NOW)
    assert job.run(EventCleanup(force=True)).touched == 7  # type: ignore[union-attr]
    assert Activity.objects.filter(kind="event.deleted").count() == 11


def test_meeting_that_is_moved_meanwhile_stays(many: list[Event], monkeypatch: pytest.MonkeyPatch) -> None:
    moved, hold = many[7], EventCleanup.hold

    def move_it(self: EventCleanup, one: Event) -> None:
        Event.objects.filter(pk=moved.pk).update(series_ends_at=NOW + DAY)
        hold(self, one)

    monkeypatch.setattr(EventCleanup, "hold", move_it)
    row = job.run(EventCleanup(force=True))
    assert row is not None
    assert (row.state, row.touched, row.failed) == ("succeeded", 10, 0)
    assert Event.objects.filter(pk=moved.pk).exists()


def test_run_ends_in_the_time_that_it_was_given(many: list[Event]) -> None:
    row = job.run(EventCleanup(force=True), seconds=-1)
    assert row is not None
    assert row.state == "failed"
    assert row.error == "TimedOut: It was not finished in time: 0 of 11 are done. The next run goes on."
    assert Event.objects.count() == 14
