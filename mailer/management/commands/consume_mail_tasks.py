"""`manage.py consume_mail_tasks`: mails what another controller puts into RabbitMQ, as the upstream mailer does."""

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.intake import RefusedTaskError, take_in
from mailer.rabbitmq import RefusedBodyError, consume

DEFAULT_QUEUE = "opentalk_mailer"  # upstream's


class Command(BaseCommand):
    help = (
        "Takes tasks of the OpenTalk Mail-Worker Protocol from a RabbitMQ queue into the outbox, until it is stopped."
        " What is no task goes to the queue QUEUE.dead, with the reason in the header x-reason."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queue", default=DEFAULT_QUEUE, help=f"default: {DEFAULT_QUEUE}; made where it is missing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MAIL_TASK_QUEUE:
            raise CommandError("With MAIL_TASK_QUEUE mails leave as tasks: what came in would go out again")
        if not settings.MAIL_TASK_BROKER_URL:
            raise CommandError("Set MAIL_TASK_BROKER_URL to the RabbitMQ, as amqp://user:password@host:5672//")
        signals: list[int] = []

        def note(number: int, frame: FrameType | None) -> None:
            signals.append(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, note)
        consume(settings.MAIL_TASK_BROKER_URL, options["queue"], handle=_take_in, is_stopped=lambda: bool(signals))


def _take_in(body: bytes, task_id: str) -> None:
    try:
        take_in(body, task_id=task_id)
    except RefusedTaskError as error:
        raise RefusedBodyError(str(error)) from error
