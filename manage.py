#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opentalk_site.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)  # noqa: T201
        # A mail server keeps what it could not hand over, and returns it to the sender for most other codes.
        sys.exit(os.EX_TEMPFAIL if "ingest_mail" in sys.argv[1:2] else 1)
