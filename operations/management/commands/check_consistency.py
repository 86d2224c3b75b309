"""`manage.py check_consistency`: whether what is stored twice agrees: the agenda, and the texts that are searched."""

import time
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from events import agenda
from events.agenda import Difference
from events.models import Event
from invites.models import EmailInvite
from users import search
from users.models import User
from users.search import Searchable

SEARCHABLE: tuple[type[Searchable], ...] = (Event, EmailInvite, User)
# Bounds memory: an event may have a thousand invitees.
BATCH = 200
PROGRESS_SECONDS = 5.0


class Command(BaseCommand):
    help = (
        "Compares the agenda of all events with their invitations and favourites, and what rows are searched by with"
        " their words. One line for each difference; the exit code is 1 when there was any, also where --repair has"
        " repaired it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="repair the rows")

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
        kinds.update(self._texts(repair=options["repair"]))
        if kinds:
            done = "repaired" if options["repair"] else "found"
            parts = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds))
            raise CommandError(f"{kinds.total()} differences {done} in {count} events: {parts}")
        self.stdout.write(f"No differences in {count} events")

    def _texts(self, *, repair: bool) -> dict[str, int]:
        """How many rows a search does not find by their words."""
        count = 0
        for model in SEARCHABLE:
            keys = search.stale(model)
            for key in keys:
                self.stdout.write(f"unsearchable: {model._meta.model_name} {key}")
            if repair:
                search.refresh(model, keys)
            count += len(keys)
        return {"unsearchable": count} if count else {}


def _batches() -> Iterator[list[Event]]:
    """All events in the order of their ids, each batch by one statement; one that is made meanwhile may be left out."""
    last = uuid.UUID(int=0)
    while events := list(Event.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield events
        last = events[-1].pk


def _line(difference: Difference) -> str:
    wrong = "; ".join(f"{name} is {old}, should be {new}" for name, (old, new) in difference.fields.items())
    return f"{difference.kind}: event {difference.event_id} user {difference.user_id}" + (f": {wrong}" if wrong else "")
