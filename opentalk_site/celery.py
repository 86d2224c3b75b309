"""The Celery application: wake-ups and the schedule. What has to be done stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")
app = Celery("opentalk_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
