"""What people threw away long ago: objects in the trash."""

from django.utils.translation import gettext_lazy as _

from integrations.objects.services import trash
from operations.job import PruneJob


class PruneTrash(PruneJob):
    name = "prune-trash"
    title = _("Empty the trash of what has been there for long")
    prunable = staticmethod(trash.prunable)
    prune = staticmethod(trash.prune)
