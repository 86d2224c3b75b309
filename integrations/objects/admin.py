"""What staff see of objects: each part is a file."""

from integrations.objects.device_admin import BoxAdmin, SensorAdmin, SipAccountAdmin
from integrations.objects.sharing_admin import CommentAdmin, ObjectAdmin, TagAdmin
from integrations.objects.upload_admin import ContentAdmin

__all__ = ["BoxAdmin", "CommentAdmin", "ContentAdmin", "ObjectAdmin", "SensorAdmin", "SipAccountAdmin", "TagAdmin"]
