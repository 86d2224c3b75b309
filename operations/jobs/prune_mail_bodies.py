"""The contents of mails that left long ago, and the secrets in them. Who got what and when stays."""

from mailer import kept
from operations.job import PruneJob


class PruneMailBodies(PruneJob):
    name = "prune-mail-bodies"
    prunable = staticmethod(kept.prunable)
    prune = staticmethod(kept.prune)
