"""Tells the workers that there is work. What a task would do is found in the database without it, a little later."""

import logging
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: Task, *args: Any, news: str) -> None:
    """Costs a second or two and no more where the broker does not answer (settings.CELERY_BROKER_…)."""
    try:
        task.apply_async(args=args, retry=False)
    except OperationalError as error:
        logger.warning("the broker cannot be told of %s, the sweep will find them: %s", news, error)
