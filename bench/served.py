"""What the measured servers serve: a site with somebody's page of events (run as a program), and the bare floor."""

import sys
from collections.abc import Callable
from typing import Any

from opentalk_site.asgi import THREADS
from opentalk_site.bridge import Bridge

PAGE = 30
BODY = b"x" * 42_000  # as long as a page of events


def _bare(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
    return [BODY]


bare = Bridge(_bare, threads=THREADS)


def main() -> None:
    """Makes the database that the environment names, and prints a token of the person who has the events."""
    # What needs Django's applications, which the import of the site above has set up.
    from django.core.management import call_command  # noqa: PLC0415

    from tests import factories  # noqa: PLC0415
    from tests.api import token  # noqa: PLC0415
    from tests.circle import Circle  # noqa: PLC0415
    from tests.events.test_statements import fill_events  # noqa: PLC0415

    call_command("setup", verbosity=0)
    circle = Circle(streaming_targets=[], schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    fill_events(circle, PAGE - 1)
    sys.stdout.write(token(circle.alice, lifetime=3600))


if __name__ == "__main__":
    main()
