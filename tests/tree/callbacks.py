"""`python -m tests.tree.callbacks queue URL COUNT | expire`: queues callbacks; ends the claims of dead workers."""

# ruff: noqa: PLC0415 - models can be imported only after setup()
import os
import sys

import django


def queue(url: str, count: str) -> None:
    from tests.integrations.deliveries.outbox import endpoint_at, queued

    endpoint = endpoint_at(url)
    for number in range(int(count)):
        queued(endpoint, f"inv-{number % 2}", b"%d" % number)


def expire() -> None:
    from django.utils import timezone

    from integrations.deliveries.models import Delivery

    Delivery.objects.filter(state="sending").update(next_try_at=timezone.now())


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "opentalk_site.settings"
    django.setup()
    {"queue": queue, "expire": expire}[sys.argv[1]](*sys.argv[2:])
