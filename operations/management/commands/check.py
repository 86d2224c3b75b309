"""`manage.py check`: Django's, and whether the database, the broker and the cache answer."""

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import check

from operations.neighbours import silent_ones


class Command(check.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if silent := list(silent_ones()):
            raise CommandError("\n".join(silent))
