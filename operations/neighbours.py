"""Checks whether the servers in the settings answer; one line for each that does not."""

from collections.abc import Callable, Iterator

import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

TIMEOUT_SECONDS = 3


def silent_ones() -> Iterator[str]:
    """What is wrong, beginning with the setting's name and without its password."""
    asked: dict[str, Callable[[], object]] = {
        "DATABASE_URL": _ask_database,
        "CELERY_BROKER_URL": _ask_broker,
        "CACHE_URL": lambda: cache.get("neighbours"),
    }
    for name, ask in asked.items():
        try:
            ask()
        except (DatabaseError, psycopg.Error, OperationalError, RedisError, OSError) as error:
            yield f"{name}: {' '.join(str(error).split())}"


def _ask_database() -> None:
    if connection.vendor == "postgresql":  # the pool would try on for a while
        parameters = connection.get_connection_params() | {"connect_timeout": TIMEOUT_SECONDS}
        psycopg.connect(**parameters).close()
    else:
        connection.ensure_connection()


def _ask_broker() -> None:
    if settings.CELERY_BROKER_URL.startswith(("amqp", "redis")):
        with Connection(settings.CELERY_BROKER_URL, connect_timeout=TIMEOUT_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=TIMEOUT_SECONDS)
