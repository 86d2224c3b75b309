"""What tests need from the machine. Missing, it fails under CI=true and is a skip that names it elsewhere."""

import os
import shutil

import psycopg
import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432"
REDIS = "redis://127.0.0.1:6379/15"
CHROMIUM = "/usr/bin/chromium"


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


def need_postgresql() -> None:
    if not postgresql_answers():
        _missing(f"PostgreSQL at {POSTGRESQL.rpartition('@')[2]}")


def need_broker(url: str) -> None:
    try:
        with Connection(url, connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, timeout=3)
    except OperationalError:
        _missing(f"the broker at {url.rpartition('@')[2]}")


def need_redis() -> str:
    """Its address."""
    need_broker(REDIS)
    return REDIS


def need_chromium() -> None:
    if not shutil.which(CHROMIUM):
        _missing(f"Debian's chromium at {CHROMIUM}")


def need_coturn() -> None:
    if not shutil.which("turnserver"):
        _missing("Debian's coturn")


def need_janus() -> None:
    if not shutil.which("janus"):
        _missing("Debian's janus")


def need_dovecot() -> None:
    if not (shutil.which("dovecot") or os.access("/usr/sbin/dovecot", os.X_OK)):
        _missing("Debian's dovecot-imapd")


def need_node() -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        _missing("node with npm")


def postgresql_answers() -> bool:
    try:
        psycopg.connect(f"{POSTGRESQL}/postgres", connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _missing(what: str) -> None:
    if is_ci():
        pytest.fail(f"{what} is missing", pytrace=False)
    pytest.skip(f"{what} is missing")
