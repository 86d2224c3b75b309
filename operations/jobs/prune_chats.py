"""What was said in live meetings that ended long ago."""

from operations.job import PruneJob
from signaling.services import chat_records


class PruneChats(PruneJob):
    name = "prune-chats"
    prunable = staticmethod(chat_records.prunable)
    prune = staticmethod(chat_records.prune)
