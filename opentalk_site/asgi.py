"""ASGI entry point: the one web process of `make run`; in production `/signaling` and the event stream."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")
# WhiteNoise hands out files as an ordinary iterator, which Django reads in a thread: right for our few small ones.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")
application = get_asgi_application()
