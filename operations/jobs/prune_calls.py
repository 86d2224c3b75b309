"""Calls that ended, and those that their gateway has forgotten."""

from django.utils.translation import gettext_lazy as _

from integrations.objects.services import calls
from operations.job import PruneJob


class PruneCalls(PruneJob):
    name = "prune-calls"
    title = _("Remove calls that are over")
    prunable = staticmethod(calls.prunable)
    prune = staticmethod(calls.prune)
