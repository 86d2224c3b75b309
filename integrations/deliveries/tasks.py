"""The Celery task that starts sending. If it is lost, the deliver-callbacks job still sends."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@shared_task(name="deliveries.deliver")
def deliver() -> None:
    from integrations.deliveries.send import deliver_due  # noqa: PLC0415 - the web process queues this task, no more

    deliver_due()


def wake() -> None:
    """Costs a second or two and no more where the broker does not answer (settings.CELERY_BROKER_…)."""
    try:
        deliver.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("the broker cannot be told of new callbacks, the sweep will find them: %s", error)
