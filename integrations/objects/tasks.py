"""The Celery task that converts uploads. If it is lost, the convert-uploads job still converts."""

from celery import shared_task

from outgoing import broker


@shared_task(name="objects.convert")
def convert() -> None:
    from integrations.objects.conversion.run import convert_due  # noqa: PLC0415 - the web process queues this task

    convert_due()


def wake() -> None:
    broker.wake(convert, news="new uploads")
