"""Wakes the sender. A lost task loses no mail: the deliver-mail job finds what is due."""

from celery import shared_task


@shared_task(name="mailer.deliver")
def deliver() -> None:
    from mailer.send import deliver_due  # noqa: PLC0415 - the web process queues this task and never sends

    deliver_due()


def wake() -> None:
    deliver.apply_async(retry=False)
