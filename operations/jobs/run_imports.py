"""Goes on with lists that nobody woke a worker for, or whose worker died."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from imports.work import waiting, work
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class RunImports(Job):
    name: ClassVar[str] = "run-imports"
    title = _("Carry out imports")

    def run(self, *, is_dry_run: bool) -> Outcome:
        lists = waiting()
        if not is_dry_run:
            for pk in lists:
                work(pk)
        return Outcome(len(lists))
