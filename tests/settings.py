"""The project's settings for tests: a fresh folder, fast hashing, no broker; DATABASE_URL chooses the database."""

import os
import tempfile

os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="opentalk-site-tests-"))
os.environ.setdefault("SECRET_KEY", "of-the-tests-only-and-long-enough-for-every-check-50-characters")
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
os.environ["CELERY_BROKER_URL"] = "memory://"
os.environ["LOG_LEVEL"] = "WARNING"

from opentalk_site.settings import *  # noqa: F403

if DATABASES["default"]["NAME"] == ":memory:":  # noqa: F405
    # By this name pytest-django tells that each of its processes has a database of its own anyway.
    DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
EVENT_INVITE_EXTERNAL = True
WHITENOISE_AUTOREFRESH = True  # looks for a file when asked: else each test client lists all of them first
