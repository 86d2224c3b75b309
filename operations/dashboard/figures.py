"""What the dashboard counts. Each figure is one statement over two weeks by an index, or over what is not finished."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Left, TruncDate
from django.utils import timezone

from events.models import Event
from invites.models import Reply, Status
from mailer.models import HeldDomain, OutgoingMail
from mailer.send import due
from operations.dashboard.reader import Reader
from signaling.models import Participant, RoomSession

DAYS = 14
MOST_COUNTED = 10_000  # waiting mails; more are "more than"
MOST_ERRORS_READ = 1000  # of the newest, to see which are frequent
SHOWN_ERRORS = 5
READ_CHARACTERS, SHOWN_CHARACTERS = 300, 200
State = OutgoingMail.State
WAITING = (State.QUEUED, State.SENDING, State.RETRY)
PROBLEMS = (State.FAILED, State.BOUNCED, State.RETRY)
# An error names addresses, ids and times, which differ from mail to mail.
_OWN_WORDS = re.compile(r"(?<![^\s<>@])<?[^\s<>@]+@[^\s<>@:;,]+>?|\b[0-9a-fA-F-]{8,}\b|\b\d{6,}\b")

PerDay = dict[date, int]


@dataclass(frozen=True)
class Mails:
    per_day: dict[date, Counter[str]]
    waiting: int
    overdue_since: datetime | None  # when the first of those that should have left was due
    held_domains: int
    errors: list[tuple[str, int]] = field(default_factory=list)

    @property
    def by_state(self) -> Counter[str]:
        return sum(self.per_day.values(), Counter())

    @property
    def bounce_rate(self) -> float | None:
        """Of the mails that a server took; None where it took none."""
        states = self.by_state
        taken = states[State.SENT] + states[State.BOUNCED]
        return states[State.BOUNCED] / taken if taken else None


def days(now: datetime) -> list[date]:
    """Today, by the reader's clock, and those before it."""
    today = timezone.localtime(now).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def first_instant(now: datetime) -> datetime:
    return timezone.make_aware(datetime.combine(days(now)[0], datetime.min.time()))


def meetings_per_day(reader: Reader, now: datetime) -> PerDay:
    planned = reader.rows(Event).filter(created_at__gte=first_instant(now))
    counted = planned.values(day=TruncDate("created_at")).annotate(count=Count("pk")).values_list("day", "count")
    return dict.fromkeys(days(now), 0) | dict(counted)


def live(reader: Reader) -> tuple[int, int]:
    """How many live meetings run now, and how many people are in them."""
    running = RoomSession.objects.order_by().filter(ended_at=None)
    people = Participant.objects.order_by().filter(session__ended_at=None, where=Participant.Where.JOINED)
    if reader.tenant_id:
        running = running.filter(room__tenant=reader.tenant_id)
        people = people.filter(session__room__tenant=reader.tenant_id)
    return running.count(), people.exclude(kind=Participant.Kind.RECORDER).count()


def answers(reader: Reader, now: datetime) -> dict[str, int]:
    """By what was answered; those of other people than the invitees count for nobody."""
    given = Reply.objects.order_by().filter(received_at__gte=first_instant(now), is_by_invitee=True, is_stale=False)
    if reader.tenant_id:
        # Each answer's event by its key. `IN` lets PostgreSQL read all events of the tenant instead.
        tenant = Event.objects.order_by().filter(pk=OuterRef("event_id")).values("tenant_id")
        given = given.annotate(tenant=Subquery(tenant)).filter(tenant=reader.tenant_id)
    counted = dict(given.values("status").annotate(count=Count("pk")).values_list("status", "count"))
    return {str(status): counted.get(status, 0) for status in Status if status != Status.PENDING}


def mails(reader: Reader, now: datetime) -> Mails:
    recent = reader.rows(OutgoingMail).filter(created_at__gte=first_instant(now))
    per_day: dict[date, Counter[str]] = {day: Counter() for day in days(now)}
    made_on = recent.values("state", day=TruncDate("created_at"))
    for day, state, count in made_on.annotate(count=Count("pk")).values_list("day", "state", "count"):
        per_day.setdefault(day, Counter())[state] = count
    open_ones = reader.rows(OutgoingMail).filter(state__in=WAITING)
    overdue = reader.rows(OutgoingMail).filter(due(now)).order_by("next_try_at")
    return Mails(
        per_day=per_day,
        waiting=_at_most(open_ones),
        overdue_since=overdue.values_list("next_try_at", flat=True).first(),
        held_domains=HeldDomain.objects.filter(held_until__gt=now).count() if reader.sees(HeldDomain) else 0,
        errors=_frequent(recent),
    )


def _at_most(rows: QuerySet[Any]) -> int:
    """Counts no further than MOST_COUNTED + 1."""
    return rows.values("pk")[: MOST_COUNTED + 1].count()


def _frequent(recent: QuerySet[Any]) -> list[tuple[str, int]]:
    newest = recent.filter(state__in=PROBLEMS).exclude(last_error="").order_by("-created_at")
    return most_common(newest.values_list(Left("last_error", READ_CHARACTERS), flat=True)[:MOST_ERRORS_READ])


def most_common(errors: Iterable[str]) -> list[tuple[str, int]]:
    """Errors that differ only in addresses, ids and times are one."""
    return Counter(_OWN_WORDS.sub("…", error)[:SHOWN_CHARACTERS] for error in errors).most_common(SHOWN_ERRORS)
