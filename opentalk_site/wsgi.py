"""WSGI entry point: REST and admin in production, where ASGI would cost 2-6 times the CPU."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")
application = get_wsgi_application()
