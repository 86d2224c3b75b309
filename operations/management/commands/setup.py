"""`manage.py setup`: everything an installation needs before it starts. Safe and quick to repeat."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser, call_command

from operations import demo
from operations.demo_meetings import create_meetings
from operations.translations import compile_messages
from users.provider.clients import ensure_clients

FOLDERS = ("broker/control", "broker/queue", "files", "mails")


class Command(BaseCommand):
    help = "Makes folders, compiles message catalogues, migrates the database, makes the OIDC clients."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also make demonstration accounts and meetings")

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in FOLDERS:
            (settings.VAR / folder).mkdir(parents=True, exist_ok=True)
        compile_messages(settings.LOCALE_PATHS)
        call_command("migrate", interactive=False, verbosity=options["verbosity"] - 1)
        ensure_clients()
        # At another issuer the accounts would be of no use: it does not know them.
        if options["demo"] and settings.OIDC_IS_EMBEDDED:
            demo.create_people()
            create_meetings()
