"""`manage.py setup`: everything an installation needs before it starts. Safe and quick to repeat."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command

from operations import demo, folders
from operations.demo_meetings import create_meetings
from operations.neighbours import silent_ones
from operations.translations import compile_messages
from users.provider.clients import ensure_clients

FOLDERS = ("broker/control", "broker/queue")


class Command(BaseCommand):
    help = "Makes folders, compiles message catalogues, migrates the database, makes the OIDC clients."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also make demonstration accounts and meetings")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, folder in _folders():
            _make(name, folder)
        if silent := list(silent_ones()):
            raise CommandError("\n".join(silent))
        compile_messages(settings.LOCALE_PATHS)
        call_command("migrate", interactive=False, verbosity=options["verbosity"] - 1)
        ensure_clients()
        # At another issuer the accounts would be of no use: it does not know them.
        if options["demo"] and settings.OIDC_IS_EMBEDDED:
            demo.create_people()
            demo.create_application()
            create_meetings()


def _folders() -> Iterator[tuple[str, Path]]:
    """Each with the setting that names it."""
    for folder in FOLDERS:
        yield "VAR_DIR", settings.VAR / folder
    database: Any = settings.DATABASES["default"]
    files: Any = settings.STORAGES["default"]["OPTIONS"]
    if database["ENGINE"] == "opentalk_site.sqlite":
        yield "DATABASE_URL", Path(database["NAME"]).absolute().parent
    if "location" in files:
        yield "FILES_URL", Path(files["location"])
    if settings.EMAIL_BACKEND == "mailer.backends.EmlBackend":
        yield "EMAIL_URL", Path(settings.EMAIL_FILE_PATH)


def _make(name: str, folder: Path) -> None:
    try:
        folders.make(folder)
    except OSError as error:
        raise CommandError(f"{name}: {folders.reason(folder, error)}.") from None
