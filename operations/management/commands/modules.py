"""`manage.py modules list`: what a tariff can switch off."""

from typing import Any

from django.core.management import BaseCommand, CommandParser

from operations.management.output import write_rows
from users.tariffs import MODULES, tariff_resource


class Command(BaseCommand):
    help = "Lists the modules of a meeting with their features, and whether this server is configured for each."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("list", help="all modules").add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        there = tariff_resource(None)["modules"]
        rows = [
            {"module": name, "features": list(features), "configured": name in there}
            for name, features in MODULES.items()
        ]
        write_rows(self.stdout, rows, is_json=options["json"], none="no modules")
