"""The Celery task that starts sending. If it is lost, the deliver-callbacks job still sends."""

from celery import shared_task

from outgoing import broker


@shared_task(name="deliveries.deliver")
def deliver() -> None:
    from integrations.deliveries.send import deliver_due  # noqa: PLC0415 - the web process queues this task, no more

    deliver_due()


def wake() -> None:
    broker.wake(deliver, news="new callbacks")
