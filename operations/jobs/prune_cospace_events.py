"""Events of cospace's streams that are too old, or too many for one session."""

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from integrations.cospace import kept
from operations.job import PruneJob


@dataclass(frozen=True, kw_only=True)
class PruneCospaceEvents(PruneJob):
    name: ClassVar[str] = "prune-cospace-events"
    title = _("Remove old events of cospace sessions")
    limit: int = 50_000
    prunable = staticmethod(kept.prunable_events)
    prune = staticmethod(kept.prune_events)
