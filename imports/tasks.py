"""The Celery task that works on a list. If it is lost, the run-imports job still finds the list."""

import logging
import uuid

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@shared_task(name="imports.work")
def work_on(pk: str) -> None:
    from imports.work import work  # noqa: PLC0415 - the web process queues this task

    work(uuid.UUID(pk))


def wake(pk: uuid.UUID) -> None:
    """Costs a second or two and no more where the broker does not answer (settings.CELERY_BROKER_…)."""
    try:
        work_on.apply_async(args=[str(pk)], retry=False)
    except OperationalError as error:
        logger.warning("the broker cannot be told of an import, the sweep will find it: %s", error)
