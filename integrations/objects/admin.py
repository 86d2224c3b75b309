"""What staff see of objects: each part is a file."""

from integrations.objects.upload_admin import ContentAdmin

__all__ = ["ContentAdmin"]
