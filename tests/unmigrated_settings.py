"""Settings of processes that tests start: tables come without migrations, which take ten times as long."""

from typing import Any

from tests.settings import *  # noqa: F403


class _NoMigrations:
    def __contains__(self, _app: object) -> bool:
        return True

    def __getitem__(self, _app: object) -> None:
        return None


MIGRATION_MODULES: Any = _NoMigrations()
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
