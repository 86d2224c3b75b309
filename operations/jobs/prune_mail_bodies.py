"""The contents of mails that left long ago, and the secrets in them. Who got what and when stays."""

from django.utils.translation import gettext_lazy as _

from mailer import kept
from operations.job import PruneJob


class PruneMailBodies(PruneJob):
    name = "prune-mail-bodies"
    title = _("Remove the contents of old mails")
    prunable = staticmethod(kept.prunable)
    prune = staticmethod(kept.prune)
