"""`manage.py version`: what runs here. `manage.py --version` is Django's."""

import json
import platform
import tomllib
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

PACKAGES = ("django", "djangorestframework", "celery", "django-celery-beat", "django-anymail", "icalendar", "psycopg")


class Command(BaseCommand):
    help = "Prints the versions of the site, of what it runs on, and of the database's tables."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        found = {
            "opentalk_site": _version(),
            "commit": _commit(),
            "python": platform.python_version(),
            "database": f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}",
            "migrations": len(MigrationRecorder(connection).applied_migrations()),
        } | {name: version(name) for name in PACKAGES}
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
            return
        for name, value in found.items():
            self.stdout.write(f"{name:20} {value}")


def _version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(project["project"]["version"])


def _commit() -> str:
    """Of a checkout; "" for what was installed in another way."""
    head = settings.BASE_DIR / ".git" / "HEAD"
    try:
        text = head.read_text().strip()
        return (head.parent / text.removeprefix("ref: ")).read_text().strip() if text.startswith("ref: ") else text
    except OSError:
        return ""
