"""cospace sessions that nobody used for too long, with their events."""

from django.utils.translation import gettext_lazy as _

from integrations.cospace import kept
from operations.job import PruneJob


class PruneCospaceSessions(PruneJob):
    name = "prune-cospace-sessions"
    title = _("Remove expired cospace sessions")
    prunable = staticmethod(kept.prunable_sessions)
    prune = staticmethod(kept.prune_sessions)
