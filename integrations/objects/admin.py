"""What staff see of objects: each part is a file."""

from integrations.objects.device_admin import BoxAdmin, SensorAdmin, SipAccountAdmin
from integrations.objects.upload_admin import ContentAdmin

__all__ = ["BoxAdmin", "ContentAdmin", "SensorAdmin", "SipAccountAdmin"]
