"""The Celery application: wake-ups and the schedule. What has to be done stands in the database."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")
app = Celery("opentalk_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_ignored: Any) -> None:
    """A receiver, whatever it does, keeps Celery from replacing what LOGGING says."""
