"""`python -m tests.tree.split_series plan|split`: plans a series with people; splits it and is killed before the end.

The process dies where all rows are written and nothing is committed.
"""

# ruff: noqa: PLC0415 - models can be imported only after setup()
import os
import signal
import sys
from datetime import timedelta

import django


def plan() -> None:
    from activity.actors import Actor
    from events.services.invitations import invite_email
    from tests import factories

    series = factories.schedule(pattern=("RRULE:FREQ=WEEKLY",))
    meeting = factories.event(factories.user("queen"), schedule=series)
    invite_email(event=meeting, email="guest@example.org", actor=Actor.by_api(meeting.created_by), suppress_mail=True)


def split() -> None:
    from activity.actors import Actor
    from events import mails
    from events.models import Event
    from events.services.series import reschedule_event

    def die(*args: object, **kwargs: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    mails.continued = die
    meeting = Event.objects.get()
    third = meeting.starts_at + timedelta(weeks=2)
    reschedule_event(event=meeting, actor=Actor.by_api(meeting.created_by), starts_from=third, schedule={}, columns={})


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "opentalk_site.settings"
    django.setup()
    {"plan": plan, "split": split}[sys.argv[1]]()
