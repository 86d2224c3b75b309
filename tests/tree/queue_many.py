"""`python -m tests.tree.queue_many COUNT`: queues COUNT invitations at once, spread over ten domains."""

# ruff: noqa: PLC0415 - models can be imported only after setup()
import os
import sys
import uuid

import django


def main(count: int) -> None:
    from django.db import transaction

    from mailer import outbox
    from mailer.kinds import from_json, to_json
    from mailer.samples import sample

    invitation = to_json(sample("external_event_invite", "single", "en"))
    receivers = ({"email": f"guest{number}@{number % 10}.example.org"} for number in range(count))
    with transaction.atomic():
        outbox.enqueue([from_json(invitation | {"invitee": receiver}) for receiver in receivers], cause=uuid.uuid4())


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "opentalk_site.settings"
    django.setup()
    main(int(sys.argv[1]))
