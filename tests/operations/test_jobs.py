"""The frame of periodic jobs and their catalogue."""

from dataclasses import dataclass, field, is_dataclass
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from celery import current_app
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from mailer.models import OutgoingMail
from operations import job
from operations.job import Job, Outcome
from operations.jobs import JOBS
from operations.models import JobRun
from operations.scheduler import Scheduler
from operations.tasks import run_job
from tests.factories import event, staff, user

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, kw_only=True)
class Count(Job):
    """Touches as many objects as it is told, and remembers how it was called."""

    name: ClassVar[str] = "count"
    touched: int = 1
    error: str = ""
    calls: list[bool] = field(default_factory=list, compare=False)

    def run(self, *, is_dry_run: bool) -> Outcome:
        self.calls.append(is_dry_run)
        if self.error:
            raise ValueError(self.error)
        return Outcome(self.touched, {"half": self.touched / 2})


def running(name: str = "count", *, expires_in: timedelta = timedelta(hours=1)) -> JobRun:
    return JobRun.objects.create(job=name, expires_at=timezone.now() + expires_in)


def test_run_leaves_row_with_parameters_and_result() -> None:
    row = job.run(Count(touched=3))
    assert row == JobRun.objects.get()
    assert (row.state, row.touched, row.result, row.error) == ("succeeded", 3, {"half": 1.5}, "")
    assert row.parameters["touched"] == 3
    assert row.finished_at is not None
    assert not row.is_dry_run


def test_of_runs_that_touched_nothing_the_last_is_kept() -> None:
    job.run(Count(touched=0), is_dry_run=True)
    job.run(Count(touched=2))
    job.run(Count(touched=0))
    last = job.run(Count(touched=0))
    assert last is not None
    assert last.finished_at is not None
    assert last.duration == last.finished_at - last.started_at
    runs = JobRun.objects.order_by("started_at").values_list("touched", "is_dry_run")
    assert list(runs) == [(0, True), (2, False), (0, False)]
    assert JobRun.objects.last() != last  # newest first
    assert JobRun.objects.first() == last


def test_list_says_how_long_each_run_took(client: Client) -> None:
    client.force_login(staff())
    begun = timezone.now()
    JobRun.objects.create(
        job="count", state="succeeded", started_at=begun, expires_at=begun, finished_at=begun + timedelta(seconds=2.31)
    )
    running()
    text = client.get(reverse("admin:operations_jobrun_changelist")).content.decode()
    assert '<td class="field-took">2.3</td>' in text
    assert '<td class="field-took">-</td>' in text


def test_dry_run_is_told_to_the_job_and_to_the_row() -> None:
    counting = Count()
    row = job.run(counting, is_dry_run=True)
    assert row is not None
    assert row.is_dry_run
    assert counting.calls == [True]


def test_error_of_job_ends_in_row() -> None:
    row = job.run(Count(error="no such thing"))
    assert row is not None
    assert (row.state, row.error) == ("failed", "ValueError: no such thing")
    assert job.run(Count()).state == "succeeded"


def test_second_run_waits_for_the_first() -> None:
    running()
    counting = Count()
    assert job.run(counting) is None
    assert counting.calls == []


def test_other_jobs_do_not_wait() -> None:
    running("another")
    assert job.run(Count()) is not None


def test_run_that_did_not_come_back_is_taken_over() -> None:
    dead = running(expires_in=-timedelta(seconds=1))
    assert job.run(Count()).state == "succeeded"
    dead.refresh_from_db()
    assert dead.state == "failed"
    assert "did not finish" in dead.error


def test_run_that_overslept_leaves_what_its_successor_wrote() -> None:
    @dataclass(frozen=True)
    class Oversleeping(Count):
        def run(self, *, is_dry_run: bool) -> Outcome:
            JobRun.objects.update(expires_at=timezone.now())
            assert job.run(Count()) is not None
            return Outcome(5)

    row = job.run(Oversleeping())
    assert row.state == "failed"
    assert sorted(JobRun.objects.values_list("state", "touched")) == [("failed", 0), ("succeeded", 1)]


def test_catalogue_names_dataclasses_that_the_schedule_may_call() -> None:
    assert all(is_dataclass(entry) and entry.name == name for name, entry in JOBS.items())
    scheduled = [entry["args"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert {arguments[0] for arguments in scheduled} == set(JOBS)


def begin_beat() -> None:
    """What it does with the settings' schedule."""
    Scheduler(app=current_app, lazy=True).update_from_dict(settings.CELERY_BEAT_SCHEDULE)


@pytest.mark.django_db(transaction=True)  # beat closes its connection
def test_schedule_that_staff_changed_stays_when_beat_starts() -> None:
    begin_beat()
    switched_off = {"event-cleanup", "room-cleanup", "self-check"}
    rows = PeriodicTask.objects
    assert set(rows.filter(enabled=False).values_list("name", flat=True)) == switched_off
    often = IntervalSchedule.objects.create(every=5, period="seconds")
    rows.filter(name="event-cleanup").update(enabled=True, interval=often)
    begin_beat()
    row = rows.get(name="event-cleanup")
    assert (row.enabled, row.interval) == (True, often)
    assert rows.get(name="room-cleanup").enabled is False


@pytest.fixture
def queued(django_capture_on_commit_callbacks: Any) -> OutgoingMail:
    event(user("alice"), suppress_mail=False)
    return OutgoingMail.objects.get()


def test_deliver_mail_sends_what_is_due(queued: OutgoingMail) -> None:
    run_job("deliver-mail")
    assert len(mail.outbox) == 1
    assert JobRun.objects.get().touched == 1


def test_dry_run_of_deliver_mail_sends_nothing(queued: OutgoingMail) -> None:
    run_job("deliver-mail", is_dry_run=True)
    assert mail.outbox == []
    assert JobRun.objects.get().touched == 1


def test_idle_deliver_mail_shows_that_it_ran() -> None:
    for _time in range(3):
        run_job("deliver-mail")
    assert [(run.job, run.touched) for run in JobRun.objects.all()] == [("deliver-mail", 0)]


def test_task_takes_parameters(queued: OutgoingMail) -> None:
    run_job("deliver-mail", limit=0)
    assert mail.outbox == []
