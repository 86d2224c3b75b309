"""`manage.py check_consistency`: whether what is stored twice agrees. So far that is the agenda."""

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from events import agenda
from events.agenda import Difference
from events.models import Event

# Bounds memory: an event may have a thousand invitees.
BATCH = 200
PROGRESS_SECONDS = 5.0


class Command(BaseCommand):
    help = (
        "Compares the agenda of all events with their invitations and favourites. One line for each difference;"
        " the exit code is 1 when there was any, also where --repair has repaired it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="write the rows as they should be")

    def handle(self, *args: Any, **options: Any) -> None:
        count, kinds = 0, Counter[str]()
        next_progress = time.monotonic() + PROGRESS_SECONDS
        for events in _batches():
            suspects = {difference.event_id for difference in agenda.differences(events)}
            for difference in agenda.settle(suspects, repair=options["repair"]) if suspects else ():
                kinds[difference.kind] += 1
                self.stdout.write(_line(difference))
            count += len(events)
            if time.monotonic() >= next_progress:
                next_progress = time.monotonic() + PROGRESS_SECONDS
                self.stderr.write(f"{count} events checked, {kinds.total()} differences")
        if kinds:
            done = "repaired" if options["repair"] else "found"
            parts = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds))
            raise CommandError(f"{kinds.total()} differences {done} in {count} events: {parts}")
        self.stdout.write(f"No differences in {count} events")


def _batches() -> Iterator[list[Event]]:
    """All events in the order of their ids, each batch by one statement; one that is made meanwhile may be left out."""
    last = uuid.UUID(int=0)
    while events := list(Event.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield events
        last = events[-1].pk


def _line(difference: Difference) -> str:
    wrong = "; ".join(f"{name} is {old}, should be {new}" for name, (old, new) in difference.fields.items())
    return f"{difference.kind}: event {difference.event_id} user {difference.user_id}" + (f": {wrong}" if wrong else "")
