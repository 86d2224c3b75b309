"""Events of cospace's streams that are too old, or too many for one session."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from integrations.cospace import kept
from operations.job import Outcome, PruneJob


@dataclass(frozen=True, kw_only=True)
class PruneCospaceEvents(PruneJob):
    name: ClassVar[str] = "prune-cospace-events"
    title = _("Remove old events of cospace sessions")
    limit: int = 50_000
    prunable = staticmethod(kept.prunable_events)
    prune = staticmethod(kept.prune_events)

    def run(self, *, is_dry_run: bool) -> Outcome:
        """Those that nobody has read yet, too."""
        numbered = super().run(is_dry_run=is_dry_run).touched
        rest = self.limit - numbered
        passing = kept.prunable_passing()[:rest].count() if is_dry_run else kept.prune_passing(limit=rest)
        return Outcome(numbered + passing)
