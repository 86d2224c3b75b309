"""Uploaded lists that nobody confirmed, and the results of old ones."""

from django.utils.translation import gettext_lazy as _

from imports import services
from operations.job import PruneJob


class PruneImports(PruneJob):
    name = "prune-imports"
    title = _("Remove old imports")
    prunable = staticmethod(services.prunable)
    prune = staticmethod(services.prune)
