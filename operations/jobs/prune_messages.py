"""What was written long ago in chats outside of meetings, and the chats that everybody has left."""

from django.utils.translation import gettext_lazy as _

from integrations.objects.services import chats
from operations.job import PruneJob


class PruneMessages(PruneJob):
    name = "prune-messages"
    title = _("Remove old messages of chats")
    prunable = staticmethod(chats.prunable)
    prune = staticmethod(chats.prune)
