"""What the periodic jobs did last, when they run next, and whether beat and a worker are alive."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django_celery_beat.models import PeriodicTask

from operations.jobs import JOBS
from operations.models import JobRun
from staff.names import name_of

# How much later than planned a run may begin: work before it in the queue takes its time.
GRACE = timedelta(minutes=2)
# Beat writes down what it sent every three minutes (celery.beat.Scheduler.sync_every).
BEAT_SILENCE = timedelta(minutes=6)
State = JobRun.State


@dataclass(frozen=True, kw_only=True)
class JobState:
    name: str
    run: JobRun | None  # the last one, dry runs apart
    is_enabled: bool
    next_at: datetime | None  # None: switched off, or beat does not know it
    is_late: bool

    @property
    def title(self) -> str:
        return name_of("jobrun.job", self.name)

    @property
    def has_failed(self) -> bool:
        return self.run is not None and self.run.state == State.FAILED

    @property
    def is_running(self) -> bool:
        return self.run is not None and self.run.state == State.RUNNING

    @property
    def took_seconds(self) -> float | None:
        duration = self.run.duration if self.run else None
        return None if duration is None else round(duration.total_seconds(), 1)


@dataclass(frozen=True)
class Jobs:
    states: list[JobState]
    beat_at: datetime | None  # when beat last sent a job, or one began: what beat writes is three minutes old
    worker_at: datetime | None  # when a worker last began or ended one
    now: datetime

    @property
    def is_beat_silent(self) -> bool:
        return self.beat_at is None or self.now - self.beat_at > BEAT_SILENCE

    @property
    def is_worker_silent(self) -> bool:
        """By the job that runs most often."""
        longest = 2 * timedelta(seconds=min(60, settings.MAIL_SWEEP_SECONDS)) + GRACE
        return self.worker_at is None or self.now - self.worker_at > longest


def jobs(now: datetime) -> Jobs:
    """Two statements, however many runs there are: each job's last one is found by an index."""
    of_job = JobRun.objects.filter(job=OuterRef("name"), is_dry_run=False).order_by("-started_at")
    tasks = (
        PeriodicTask.objects.filter(name__in=JOBS)
        .select_related("interval", "crontab", "solar", "clocked")
        .annotate(last_run=Subquery(of_job.values("pk")[:1]))
    )
    known = {task.name: task for task in tasks}
    runs = JobRun.objects.in_bulk([task.last_run for task in known.values() if task.last_run])
    states = [_state(name, known.get(name), runs, now) for name in sorted(JOBS)]
    began, ended = ([getattr(run, name) for run in runs.values()] for name in ("started_at", "finished_at"))
    sent = [task.last_run_at for task in known.values()]
    return Jobs(states, _last(sent + began), _last(began + ended), now)


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time), default=None)


def _state(name: str, task: Any, runs: dict[Any, JobRun], now: datetime) -> JobState:
    run = runs.get(task.last_run) if task else None
    next_at = _next_at(task, run, now)
    return JobState(
        name=name,
        run=run,
        is_enabled=bool(task and task.enabled),
        next_at=next_at,
        is_late=_is_late(task, run, next_at, now),
    )


def _next_at(task: Any, run: JobRun | None, now: datetime) -> datetime | None:
    """After its last run or, where it never ran, after beat last sent it or learnt of it."""
    if task is None or not task.enabled:
        return None
    before = run.started_at if run else task.last_run_at or task.date_changed
    left: timedelta = task.schedule.remaining_estimate(before)
    return now + left


def _is_late(task: Any, run: JobRun | None, next_at: datetime | None, now: datetime) -> bool:
    if run is not None and run.state == State.RUNNING:
        return run.expires_at < now
    if next_at is None:
        return False
    usual = getattr(task.schedule, "run_every", timedelta())
    return now - next_at > usual + GRACE
