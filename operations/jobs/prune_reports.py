"""Which reports of producers are known: only as long as a replay would not be too old anyway."""

from django.utils.translation import gettext_lazy as _

from integrations.producers import services
from operations.job import PruneJob


class PruneReports(PruneJob):
    name = "prune-reports"
    title = _("Forget old reports of producers")
    prunable = staticmethod(services.prunable)
    prune = staticmethod(services.forget_reports)
