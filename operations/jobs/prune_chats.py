"""What was said in live meetings that ended long ago."""

from django.utils.translation import gettext_lazy as _

from operations.job import PruneJob
from signaling.services import chat_records


class PruneChats(PruneJob):
    name = "prune-chats"
    title = _("Remove old chat messages")
    prunable = staticmethod(chat_records.prunable)
    prune = staticmethod(chat_records.prune)
