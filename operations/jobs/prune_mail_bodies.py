"""The contents of mails that left long ago, and the secrets in them. Who got what and when stays."""

from dataclasses import dataclass
from typing import ClassVar

from mailer.kept import prunable, prune
from operations.job import Job, Outcome


@dataclass(frozen=True, kw_only=True)
class PruneMailBodies(Job):
    name: ClassVar[str] = "prune-mail-bodies"
    limit: int = 5000

    def run(self, *, is_dry_run: bool) -> Outcome:
        if is_dry_run:
            return Outcome(prunable()[: self.limit].count())
        return Outcome(prune(limit=self.limit))
