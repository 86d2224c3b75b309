"""How often an application may call: counted by the minute, in the cache that all web processes share."""

import time

from django.conf import settings
from django.core.cache import cache

from integrations.cronofy.models import Application
from rest.errors import TooManyRequests

WINDOW_SECONDS = 60


def count(application: Application) -> None:
    """Raises TooManyRequests until the next minute begins."""
    window, passed = divmod(time.time(), WINDOW_SECONDS)
    key = f"smart-invites:{application.pk}:{window:.0f}"
    if settings.SMART_INVITES_PER_MINUTE and _counted(key) > settings.SMART_INVITES_PER_MINUTE:
        raise TooManyRequests(WINDOW_SECONDS - passed)


def _counted(key: str) -> int:
    """This request included."""
    if cache.add(key, 1, WINDOW_SECONDS * 2):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it was dropped since the line above
        return 1
