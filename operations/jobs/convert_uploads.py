"""Converts uploads that nobody woke a worker for, or whose worker died."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from integrations.objects.conversion.run import convert_due, due
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class ConvertUploads(Job):
    name: ClassVar[str] = "convert-uploads"
    title = _("Convert uploads")

    def run(self, *, is_dry_run: bool) -> Outcome:
        return Outcome(due().count() if is_dry_run else convert_due())
