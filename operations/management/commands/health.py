"""`manage.py health`: whether a site answers and is ready, for scripts and containers."""

import json
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from outgoing import http
from outgoing.http import OutgoingError

SECONDS = 10


class Command(BaseCommand):
    help = "Asks a running site whether it is ready. Exit codes: 0 it is, perhaps with a warning; 1 it is not."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", nargs="?", metavar="URL", help="/health/ready of BASE_URL by default")

    def handle(self, *args: Any, url: str | None, **options: Any) -> None:
        url = url or f"{settings.BASE_URL}/health/ready"
        try:
            answer = http.request("GET", url, deadline_seconds=SECONDS, is_trusted=True)
            found = answer.json()
        except OutgoingError as error:
            raise CommandError(f"{url}: {error}") from None
        self.stdout.write(json.dumps(found))
        if answer.status != 200:
            raise CommandError(f"{url} answered {answer.status}.")
