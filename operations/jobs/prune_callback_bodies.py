"""The bodies of callbacks that ended long ago, the answers to them, and keys that are no longer valid."""

from django.utils.translation import gettext_lazy as _

from integrations.deliveries import kept
from operations.job import PruneJob


class PruneCallbackBodies(PruneJob):
    name = "prune-callback-bodies"
    title = _("Remove the contents of old callbacks")
    prunable = staticmethod(kept.prunable)
    prune = staticmethod(kept.prune)
