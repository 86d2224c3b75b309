"""The Celery task that starts sending. If it is lost, the deliver-mail job still sends the mail."""

from celery import shared_task

from outgoing import broker


@shared_task(name="mailer.deliver")
def deliver() -> None:
    from mailer.send import deliver_due  # noqa: PLC0415 - the web process queues this task and never sends

    deliver_due()


def wake() -> None:
    broker.wake(deliver, news="new mails")
