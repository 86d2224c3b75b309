"""Sends what is due: threads speak HTTP, and only the thread of the run speaks to the database.

A worker that dies between the receiver's answer and the commit leaves a claim that runs out: that delivery is sent
twice, with the same `webhook-id`; none is lost.
"""

import math
import time
import uuid
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.conf import settings

from integrations.deliveries import post
from integrations.deliveries.claims import Claim, claim
from integrations.deliveries.ledger import ready
from integrations.deliveries.post import Result
from integrations.deliveries.results import store

# How often a run whose requests are all under way looks for what has come due meanwhile.
LOOK_SECONDS = 0.5


def deliver_due() -> int:
    """Sends every delivery that is due, and what comes due while it does; returns how many were tried."""
    with ThreadPoolExecutor(settings.CALLBACK_THREADS, thread_name_prefix="callback") as pool:
        run = _Run(pool)
        run.take_off()
        while run.flying:
            run.land()
            run.take_off()
    return run.tried


@dataclass(frozen=True)
class _Turn:
    """An endpoint in the line: whose it is, and whether it failed last."""

    ring_id: uuid.UUID
    is_failing: bool


class _Run:
    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.flying: dict[Future[Result], Claim] = {}
        self.tried = 0
        self.line: dict[uuid.UUID, _Turn] = {}  # by the endpoint's id, in the order of their turns
        self.looks_at = -math.inf

    def take_off(self) -> None:
        """Claims at one endpoint after the other, as far as threads are free."""
        if not self.flying or time.monotonic() >= self.looks_at:
            self._look()
        for endpoint_id, turn in list(self.line.items()):
            if (free := self._free(turn)) < 1:
                continue
            del self.line[endpoint_id]
            for claimed in claim(endpoint_id, free):
                self.flying[self.pool.submit(post.send, claimed.post)] = claimed
                self.tried += 1

    def _look(self) -> None:
        """Who waits longest comes first; those that were served in between have come behind."""
        self.line = {endpoint.pk: _Turn(endpoint.ring_id, bool(endpoint.failures)) for endpoint in ready()}
        self.looks_at = time.monotonic() + LOOK_SECONDS

    def _free(self, turn: _Turn) -> int:
        """Endpoints that failed last share half of the threads, and those of one ring a quarter: nobody waits for them.

        A program may name an address of its own for each invite: they are one receiver, which may be slow.
        """
        flying, threads = self.flying.values(), settings.CALLBACK_THREADS
        of_ring = sum(claimed.ring_id == turn.ring_id for claimed in flying)
        free = min(threads - len(flying), max(1, threads // 4) - of_ring)
        if not turn.is_failing:
            return free
        return min(free, threads // 2 - sum(claimed.is_careful for claimed in flying))

    def land(self) -> None:
        """Stores what became of the requests that have ended; their endpoints may have more."""
        done, _flying = wait(self.flying, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            claimed, result = self.flying.pop(future), future.result()
            store(claimed, result)
            self.line.setdefault(claimed.delivery.endpoint_id, _Turn(claimed.ring_id, not result.is_success))
