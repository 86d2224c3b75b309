"""How often somebody may call: counted by the minute, in the cache that all web processes share."""

import time

from django.core.cache import cache

from rest.errors import TooManyRequests

WINDOW_SECONDS = 60


def count(what: str, most: int) -> None:
    """One more of `what`; 0 is any number. Raises TooManyRequests until the next minute begins."""
    window, passed = divmod(time.time(), WINDOW_SECONDS)
    if most and _counted(f"{what}:{window:.0f}") > most:
        raise TooManyRequests(WINDOW_SECONDS - passed)


def _counted(key: str) -> int:
    """This request included."""
    if cache.add(key, 1, WINDOW_SECONDS * 2):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it was dropped since the line above
        return 1
