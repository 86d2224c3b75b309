"""The contents of mails that came in long ago. What became of them stays."""

from events.services import inbound
from operations.job import PruneJob


class PruneInboundMails(PruneJob):
    name = "prune-inbound-mails"
    prunable = staticmethod(inbound.prunable)
    prune = staticmethod(inbound.prune)
