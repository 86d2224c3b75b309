"""Jobs that delete what people made, so that they cannot do harm: a threshold, one object at a time, a report."""

import logging
from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model, QuerySet

from activity.actors import Actor
from operations.job import Job, Outcome
from operations.progress import Progress
from rest.errors import NotFound

logger = logging.getLogger(__name__)

# More objects than that, and a larger part of all, are more likely a mistake than a day's work.
STOP_ABOVE = 10
STOP_SHARE = 0.05
BATCH = 100
# How many the row of the run names.
MOST_NAMED = 1000
MOST_ERRORS = 20


class ThresholdExceeded(Exception):
    """The job would change so much that somebody should look first."""


@dataclass(frozen=True, kw_only=True)
class CleanupJob(Job):
    """Deletes, or closes, each candidate in a transaction of its own, by the service that staff use.

    One that fails is counted and named, and the others go on. A run that was killed leaves the rest to the next one,
    because what is done is no candidate any more. `force` is for more than the threshold.
    """

    force: bool = False
    is_guarded: ClassVar[bool] = True  # whether the threshold holds

    @property
    def lock_time(self) -> timedelta:
        """Between two words of its progress: a run that was killed is taken over soon."""
        return timedelta(minutes=2)

    @property
    def actor(self) -> Actor:
        return Actor.by_job(self.name)

    @abstractmethod
    def candidates(self) -> QuerySet[Any]:
        """What is to go, by the database's clock of this moment."""

    @abstractmethod
    def population(self) -> QuerySet[Any]:
        """All objects of the kind, of which the threshold is a share."""

    @abstractmethod
    def hold(self, one: Any) -> None:
        """Takes the lock under which the object is changed, as its service does. Raises NotFound."""

    @abstractmethod
    def remove(self, one: Any) -> None:
        """By a service. Raises NotFound where it is gone already."""

    def label(self, one: Any) -> str:
        """What the row of the run calls it."""
        return str(one)

    def run(self, *, is_dry_run: bool) -> Outcome:
        raise NotImplementedError

    def run_told(self, progress: Progress, *, is_dry_run: bool) -> Outcome:
        keys = list(self.candidates().order_by("pk").values_list("pk", flat=True))
        stop = self._stop(len(keys))
        if is_dry_run:
            named = [self._named(one) for one in self.candidates().order_by("pk")[:MOST_NAMED]]
            return Outcome(len(keys), {"objects": named} | ({"stopped": stop} if stop else {}))
        if stop:
            raise ThresholdExceeded(stop)
        return self._remove_all(keys, progress)

    def _stop(self, count: int) -> str:
        """Why the job must not run, "" where it may."""
        if self.force or not self.is_guarded or count <= STOP_ABOVE:
            return ""
        total = self.population().count()
        if count <= total * STOP_SHARE:
            return ""
        return (
            f"{count} of {total} would be changed, which is more than {STOP_SHARE:.0%}. Look at a dry run first. If it"
            " is right, run the job with force."
        )

    def _remove_all(self, keys: list[Any], progress: Progress) -> Outcome:
        named: list[list[str]] = []
        errors: list[str] = []
        done = failed = 0
        progress.tell(0, len(keys))
        for start in range(0, len(keys), BATCH):
            for one in self.candidates().filter(pk__in=keys[start : start + BATCH]).order_by("pk"):
                name = self._named(one)
                try:
                    is_done = self._remove(one)
                except Exception as error:
                    logger.exception("job %s: %s failed", self.name, one.pk)
                    failed += 1
                    errors += [f"{name[0]}: {type(error).__name__}: {error}"][: MOST_ERRORS - len(errors)]
                else:
                    done += is_done
                    named += [name] if is_done and len(named) < MOST_NAMED else []
                progress.tell(done, len(keys), failed=failed)
        result: dict[str, Any] = {"objects": named} | ({"errors": errors} if errors else {})
        text = f"{failed} of {len(keys)} failed; the first: {errors[0]}" if errors else ""
        return Outcome(done, result, failed, text)

    @transaction.atomic
    def _remove(self, one: Model) -> bool:
        """False for what is gone, or no candidate any more, under its lock."""
        try:
            self.hold(one)
            now = self.candidates().get(pk=one.pk)
            self.remove(now)
        except (NotFound, ObjectDoesNotExist):
            return False
        return True

    def _named(self, one: Model) -> list[str]:
        return [str(one.pk), self.label(one)]
