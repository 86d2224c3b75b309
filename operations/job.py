"""The base of every periodic job: one run at a time, parameters, dry run, and a row that says what it did."""

import logging
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from operations.models import JobRun
from operations.progress import Progress, Watcher

logger = logging.getLogger(__name__)
State = JobRun.State


@dataclass(frozen=True)
class Outcome:
    """`touched` objects were changed (in a dry run: would be); `result` is what else a reader of the row wants.

    `error` makes it a run that failed, though the others of its objects are done.
    """

    touched: int
    result: dict[str, Any] = field(default_factory=dict)
    failed: int = 0
    error: str = ""


class Job(ABC):
    """A job is a frozen dataclass: its fields are the parameters, which JSON must be able to hold."""

    name: ClassVar[str]
    title: ClassVar[str | Promise]  # what people call it

    @property
    def lock_time(self) -> timedelta:
        """After this time an unfinished run counts as dead, and the next one may start."""
        return timedelta(hours=1)

    @abstractmethod
    def run(self, *, is_dry_run: bool) -> Outcome:
        """Does the work in transactions of its own; a dry run only counts."""

    def run_told(self, progress: Progress, *, is_dry_run: bool) -> Outcome:
        """`run` for jobs that say how far they are."""
        return self.run(is_dry_run=is_dry_run)


@dataclass(frozen=True, kw_only=True)
class PruneJob(Job):
    """Removes what was kept for long enough, of `limit` objects at most in one run."""

    limit: int = 5000

    @staticmethod
    @abstractmethod
    def prunable() -> QuerySet[Any]:
        """What is to be removed."""

    @staticmethod
    @abstractmethod
    def prune(*, limit: int) -> int:
        """Removes the oldest of it; returns how many."""

    def run(self, *, is_dry_run: bool) -> Outcome:
        if is_dry_run:
            return Outcome(self.prunable()[: self.limit].count())
        return Outcome(self.prune(limit=self.limit))


def run(
    job: Job, *, is_dry_run: bool = False, watcher: Watcher | None = None, seconds: float = float("inf")
) -> JobRun | None:
    """Runs the job now, unless another run of it is going on: None. A job that tells its progress ends in `seconds`.

    Of the runs that touched nothing only the last one is kept: most do, and it shows that the job runs. An exception
    of the job ends up in the row, not at the caller.
    """
    row = _lock(job, is_dry_run)
    if row is None:
        logger.info("job %s is running already", job.name)
        return None
    progress = Progress(row, job.lock_time, watcher, time.monotonic() + seconds)
    try:
        outcome = job.run_told(progress, is_dry_run=is_dry_run)
    except Exception as error:
        logger.exception("job %s failed", job.name)
        return _finish(row, state=State.FAILED, error=f"{type(error).__name__}: {error}")
    state = State.FAILED if outcome.error else State.SUCCEEDED
    counts = {"touched": outcome.touched, "failed": outcome.failed, "result": outcome.result}
    row = _finish(row, state=state, error=outcome.error, **counts)
    if not outcome.touched and not outcome.error:
        idle = JobRun.objects.filter(job=job.name, is_dry_run=is_dry_run, state=State.SUCCEEDED, touched=0)
        idle.exclude(pk=row.pk).delete()
    return row


def _lock(job: Job, is_dry_run: bool) -> JobRun | None:
    """The row of a new run; None while another run's row stands (constraint job_run_one_at_a_time)."""
    _end_expired(job)
    try:
        with transaction.atomic():
            return JobRun.objects.create(
                job=job.name,
                parameters=msgspec.to_builtins(asdict(job)),  # type: ignore[call-overload]
                is_dry_run=is_dry_run,
                expires_at=timezone.now() + job.lock_time,
            )
    except IntegrityError:
        return None


def _end_expired(job: Job) -> None:
    """Opens the lock of a run whose process died. Two that do this at once meet at the constraint."""
    now = timezone.now()
    JobRun.objects.filter(job=job.name, state=State.RUNNING, expires_at__lte=now).update(
        state=State.FAILED, finished_at=now, error="It did not finish before its lock expired."
    )


def _finish(row: JobRun, **fields: Any) -> JobRun:
    """Only while the run is still ours: one whose lock expired leaves the result of its successor."""
    JobRun.objects.filter(pk=row.pk, state=State.RUNNING).update(finished_at=timezone.now(), **fields)
    row.refresh_from_db()
    return row
