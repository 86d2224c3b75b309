"""Wiring only: settings, URLs, entry points, checks."""

from opentalk_site.celery import app as celery_app

__all__ = ["celery_app"]
