"""How far a job is: told to its row, which keeps its lock by it, and to whoever watches."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from operations.models import JobRun

TELL_SECONDS = 2.0

Watcher = Callable[[int, int | None], None]  # how many are done, of how many; None where nobody knows


class TimedOut(Exception):
    """The run took longer than it was given; the next one goes on."""


@dataclass
class Progress:
    """`lock_time` is for how long the lock holds after each word; `ends_at` is by time.monotonic."""

    row: JobRun
    lock_time: timedelta
    watcher: Watcher | None = None
    ends_at: float = float("inf")
    _told_at: float = field(default=float("-inf"))

    def tell(self, done: int, total: int | None, *, failed: int = 0) -> None:
        """Costs a statement every TELL_SECONDS. Raises TimedOut."""
        now = time.monotonic()
        if now - self._told_at >= TELL_SECONDS or done == total:
            self._told_at = now
            columns = {"touched": done, "total": total, "failed": failed, "expires_at": timezone.now() + self.lock_time}
            JobRun.objects.filter(pk=self.row.pk, state=JobRun.State.RUNNING).update(**columns)
            if self.watcher is not None:
                self.watcher(done, total)
        if now >= self.ends_at:
            raise TimedOut(f"It was not finished in time: {done} of {total} are done. The next run goes on.")
