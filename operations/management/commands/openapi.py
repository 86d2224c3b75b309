"""`manage.py openapi dump`: the description of the API, as the site publishes it."""

from pathlib import Path
from typing import Any

import orjson
import yaml
from django.core.management import BaseCommand, CommandError, CommandParser

from rest.docs import document


class Command(BaseCommand):
    help = "Writes the OpenAPI document."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        dump = actions.add_parser("dump", help="write it")
        dump.add_argument("target", nargs="?", default="-", metavar="TARGET", help="a file; - is standard output")
        dump.add_argument("--format", choices=("yaml", "json"), default="yaml", help="yaml by default")

    def handle(self, *args: Any, target: str, **options: Any) -> None:
        body = document()
        if options["format"] == "yaml":
            text = yaml.safe_dump(orjson.loads(body), sort_keys=False, allow_unicode=True)
        else:
            text = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode() + "\n"
        if target == "-":
            self.stdout.write(text, ending="")
            return
        try:
            Path(target).write_text(text)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}") from None
