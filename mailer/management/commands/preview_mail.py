"""`manage.py preview_mail`: one mail as its receiver gets it, without sending it."""

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from mailer.kinds import OF_MEETINGS, InvalidMessageError
from mailer.preview import FORMATS, part, sample_mail, task_mail
from mailer.render import RenderError
from mailer.samples import SHAPES


class Command(BaseCommand):
    help = (
        "Writes a mail to the standard output: of a sample, or of a task of the OpenTalk Mail-Worker Protocol in a"
        " file. Nothing is sent or stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=list(OF_MEETINGS), metavar="kind", help=", ".join(OF_MEETINGS))
        parser.add_argument("language", help="en, de, fr, de-AT …; another one reads as DEFAULT_USER_LANGUAGE says")
        parser.add_argument("--format", choices=FORMATS, default="eml", help="all of it (eml, the default) or one part")
        parser.add_argument("--shape", choices=list(SHAPES), default="recurring", help="of the sample's meeting")
        parser.add_argument("--task", type=Path, help="a JSON file with a task of this kind, instead of a sample")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, language, task = options["kind"], options["language"], options["task"]
        try:
            mail = task_mail(_read(task, kind), language) if task else sample_mail(kind, options["shape"], language)
        except (InvalidMessageError, RenderError) as error:
            raise CommandError(str(error)) from error
        found = part(mail, options["format"])
        if not found:
            raise CommandError("This mail has no calendar object")
        self.stdout.write(found.decode(), ending="")


def _read(path: Path, kind: str) -> dict[str, Any]:
    try:
        task = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: {error}") from error
    if not isinstance(task, dict) or task.get("message") != kind:
        raise CommandError(f"{path} is no {kind}")
    return task
