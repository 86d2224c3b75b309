"""How far the readers of the log are behind it, and how many programs wait in this process."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from activity import reader
from operations.dashboard.attention import Point
from rest import live

# Transactions of the site end within seconds.
LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Readers:
    hidden_since: datetime | None  # when the oldest activity was written that readers do not get yet
    waiting: int
    now: datetime

    @property
    def lag(self) -> timedelta:
        return max(timedelta(), self.now - self.hidden_since) if self.hidden_since else timedelta()


def readers(now: datetime) -> Readers:
    return Readers(reader.hidden_since(), len(live.running), now)


def of_readers(shown: Readers) -> Iterator[Point]:
    if shown.hidden_since and shown.lag > LATE:
        text = gettext(
            "Readers of the activity log have waited for %(age)s: a transaction on the PostgreSQL server does not end."
        )
        yield Point("readers_late", True, text % {"age": timesince(shown.hidden_since, shown.now)})


def in_words(shown: Readers) -> str:
    waiting = ngettext(
        "%(count)s program waits for news at this process",
        "%(count)s programs wait for news at this process",
        shown.waiting,
    )
    behind = gettext("readers of the activity log are up to date")
    if shown.hidden_since:
        seconds = number_format(shown.lag.total_seconds(), 1)
        behind = gettext("readers of the activity log are %(seconds)s s behind") % {"seconds": seconds}
    return f"{waiting % {'count': number_format(shown.waiting)}}; {behind}."
