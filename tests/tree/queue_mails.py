"""`python -m tests.tree.queue_mails COUNT`: queues an invitation to each of COUNT outsiders in the site's database.

All in one transaction: no mail is on its way while another is still to be queued.
"""

# ruff: noqa: PLC0415 - models can be imported only after setup()
import os
import sys

import django


def main(count: int) -> None:
    from django.db import transaction

    from activity.actors import Actor
    from events.services.invitations import invite_email
    from tests.factories import event, user

    with transaction.atomic():
        meeting = event(user("queen"))
        for number in range(count):
            invite_email(event=meeting, email=f"guest{number}@example.org", actor=Actor.by_api(meeting.created_by))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "opentalk_site.settings"
    django.setup()
    main(int(sys.argv[1]))
