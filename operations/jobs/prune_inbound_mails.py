"""The contents of mails that came in long ago. What became of them stays."""

from django.utils.translation import gettext_lazy as _

from events.services import inbound
from operations.job import PruneJob


class PruneInboundMails(PruneJob):
    name = "prune-inbound-mails"
    title = _("Remove the contents of old incoming mails")
    prunable = staticmethod(inbound.prunable)
    prune = staticmethod(inbound.prune)
