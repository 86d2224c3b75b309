"""Measures the performance goals: `python -m bench`. Importing it sets Django up as for tests.

Measures on this machine's PostgreSQL where DATABASE_URL names no other database and it answers, else on SQLite.
"""

import os

import django
from django.apps import apps

from tests.services import POSTGRESQL, postgresql_answers

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    if "DATABASE_URL" not in os.environ and postgresql_answers():
        os.environ["DATABASE_URL"] = f"{POSTGRESQL}/opentalk_site_bench_{os.getpid()}"
    django.setup()
