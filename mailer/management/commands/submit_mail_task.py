"""`manage.py submit_mail_task`: queues the mail of a task of the Mail-Worker Protocol in a file."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.intake import MAX_BYTES, RefusedTaskError, take_in


class Command(BaseCommand):
    help = "Queues the mail of one task of the OpenTalk Mail-Worker Protocol, a JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="its path, or - for the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            take_in(_read(options["file"]))
        except (OSError, RefusedTaskError) as error:
            raise CommandError(f"{options['file']}: {error}") from error


def _read(name: str) -> bytes:
    """No more than shows that it is too much."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)
