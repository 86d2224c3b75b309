"""Shows that jobs run: a line in the log at each level, and a message to the broker and back. Changes nothing."""

import logging
import time
import uuid
from dataclasses import dataclass
from typing import ClassVar

from celery import current_app
from django.utils.translation import gettext_lazy as _

from operations.job import Job, Outcome

logger = logging.getLogger(__name__)
ANSWER_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class SelfCheck(Job):
    name: ClassVar[str] = "self-check"
    title = _("Check that jobs run and the broker answers")

    def run(self, *, is_dry_run: bool) -> Outcome:
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            logger.log(level, "self-check writes a line at the level %s", logging.getLevelName(level))
        milliseconds = round(_round_trip() * 1000, 1)
        logger.info("self-check: the broker brought a message back in %s ms", milliseconds)
        return Outcome(0, {"broker_milliseconds": milliseconds})


def _round_trip() -> float:
    """Seconds. A queue of its own, which goes with it. Raises what the broker's library raises, and queue.Empty."""
    began, name = time.monotonic(), f"self-check-{uuid.uuid4()}"
    with current_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=ANSWER_SECONDS)
        queue = connection.SimpleQueue(name, queue_opts={"durable": False, "auto_delete": True})
        try:
            queue.put(name)
            message = queue.get(timeout=ANSWER_SECONDS)
            message.ack()
            if message.payload != name:
                raise ValueError("the broker brought back another message")
        finally:
            queue.queue.delete()
            queue.close()
    return time.monotonic() - began
