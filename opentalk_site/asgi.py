"""ASGI entry point: the one web process of `make run`; in production `/signaling` and the event stream."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")
application = get_asgi_application()
