"""Asks the members of live presentations whether they are still there, and lets those go who do not answer."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from integrations.objects.services.presentations import ask_members, end_silent, silent
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class KeepPresentations(Job):
    name: ClassVar[str] = "keep-presentations"
    title = _("Keep live presentations")

    def run(self, *, is_dry_run: bool) -> Outcome:
        if is_dry_run:
            return Outcome(silent().count())
        ended = end_silent()
        ask_members()
        return Outcome(ended)
