"""How often an application may call."""

from django.conf import settings

from integrations.cronofy.models import Application
from rest import throttle


def count(application: Application) -> None:
    """Raises TooManyRequests until the next minute begins."""
    throttle.count(f"smart-invites:{application.pk}", settings.SMART_INVITES_PER_MINUTE)
