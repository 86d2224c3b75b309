"""What the page of an invitation shows: as the mails tell it, but without any way into the meeting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext

from activity.models import Activity
from calendars import recurrence, words
from calendars.lines import plain_line
from calendars.recurrence import Occurrence
from calendars.times import instance_id, parse_instance_id
from events import access, answers, messages
from events.models import Event, EventException
from events.rsvp.form import ANSWERS
from events.services.inviting import AnyInvite, address_of
from invites.models import EmailInvite, EventInvite, Reply, Status
from mailer.contents import contents
from mailer.messages import Recipient, RegisteredUser
from mailer.protocol import RegisteredEventUpdate
from mailer.reader import Reader
from mailer.shown import known_zone, shown_of

MOST_DATES = 5
MOST_CHANGES = 100  # of a meeting since an answer, which are read
_FROM_THE_MAIL = (
    "title", "when", "when_label", "when_planned", "repeats", "exceptions", "dates", "changes", "organizer_line",
)  # fmt: skip


@dataclass(frozen=True)
class Date:
    """One occurrence that the answer may be for; `name` is its instance id."""

    name: str
    text: str
    status: str  # the answer so far
    is_over: bool
    has_changed: bool  # since the last answer

    @property
    def answer(self) -> str:
        return answer_in_words(self.status)


def answer_in_words(status: str) -> str:
    """ "" where there is none."""
    return str(ANSWERS[Status(status)]) if status in ANSWERS else ""


class Invitation:
    """An invitation as its page shows it at `now`, with the occurrence `chosen` among its dates."""

    def __init__(self, invite: AnyInvite, *, language: str, now: datetime, chosen: str = "") -> None:
        _read(invite)
        self.invite, self.now = invite, now
        self.event: Event = invite.event
        self.reader = Reader(language, zone_of(invite))
        self.replies = [reply for reply in invite.replies.all() if reply.is_by_invitee]
        self.news = _news(self.event, self.replies[0].received_at) if self.replies else []
        self.overrides = [exception.as_override() for exception in self.event.exceptions.all()]
        self.message = self._message()
        self.dates = list(self._dates(chosen)) if self.event.is_recurring else []

    @property
    def context(self) -> dict[str, Any]:
        told = contents(self.message, self.reader.language, self.now)
        return {name: told[name] for name in _FROM_THE_MAIL} | {
            "event": self.event,
            "organizer": self._organizer(),
            "zone_is_known": bool(_own_zone(self.invite)),
            "next": self._next(),
            "dates": self.dates,
            "status": answer_in_words(self.invite.status),
            "last_status": answer_in_words(self.replies[0].status) if self.replies else "",
            "last_day": self._day(self.replies[0].received_at) if self.replies else "",
            "has_news": bool(self.news),
            "is_over": access.last_end_of(self.event) < self.now,
            "invited": invited_person(self.invite),
        }

    def present(self, chosen: str) -> dict[str, str]:
        """The answer so far to the occurrence, or to all, as the form begins."""
        occurrence = parse_instance_id(chosen) if chosen else None
        last = next((reply for reply in self.replies if reply.occurrence == occurrence and not reply.is_stale), None)
        status = next((date.status for date in self.dates if date.name == chosen), self.invite.status)
        return {"answer": status, "occurrence": chosen, "comment": last.comment if last else ""}

    def _organizer(self) -> str:
        organizer = self.message.event.organizer
        return (plain_line(organizer.name) or organizer.contact) if organizer else ""

    def saved(self, reply_id: str) -> dict[str, Any] | None:
        """What was answered, to say so; None for what is no answer to this invitation."""
        reply = next((reply for reply in self.invite.replies.all() if str(reply.pk) == reply_id), None)
        if reply is None:
            return None
        return {
            "reply": reply,
            "answer": answer_in_words(reply.status),
            "date": self._day(reply.occurrence) if reply.occurrence else "",
            "proposal": self._proposal(reply),
        }

    def _proposal(self, reply: Reply) -> str:
        if reply.proposed_starts_at is None or reply.proposed_ends_at is None:
            return ""
        days = answers.proposes_days(self.event, reply)
        return words.describe_time(
            reply.proposed_starts_at,
            reply.proposed_ends_at,
            zone=known_zone(self.event.starts_at_zone if days else reply.proposed_zone),
            is_all_day=days,
            locale=self.reader.language,
        )

    def _day(self, instant: datetime) -> str:
        zone = self.event.starts_at_zone if self.event.is_all_day else self.reader.zone
        return words.describe_full_day(instant, zone=zone, locale=self.reader.language)

    def _message(self) -> RegisteredEventUpdate:
        """The mail that would tell of all changes since the last answer, with what people no longer invited get."""
        creator = self.event.created_by
        author = RegisteredUser(creator.email, creator.title, creator.first_name, creator.last_name, creator.language)
        return RegisteredEventUpdate(
            event=messages.snapshot(self.event, is_ending=True),
            inviter=author,
            invitee=author,
            recipient=Recipient(self.reader.language, self.reader.zone),
            changes=_folded(row.changes for row in self.news if row.kind == "event.updated"),
        )

    def _dates(self, chosen: str) -> Iterator[Date]:
        """The next ones, and before them the chosen one where it is none of these."""
        series = self.event.as_series()
        if series is None:
            return
        coming = recurrence.following(series, after=self.now, count=MOST_DATES, overrides=self.overrides)
        if chosen and chosen not in {instance_id(item.original_starts_at) for item in coming}:
            coming.insert(0, recurrence.named(series, parse_instance_id(chosen), self.overrides))
        given = answers.to_occurrences(self.event).get(self.invite.pk, {})
        changed = {row.data["occurrence"] for row in self.news if row.kind == "event.instance_updated"}
        for item in coming:
            name = instance_id(item.original_starts_at)
            status = answers.STATUS[given[name]] if name in given else self.invite.status
            yield Date(name, self._named(item), status, item.ends_at < self.now, name in changed)

    def _named(self, item: Occurrence) -> str:
        exception = item.override.key if item.override else None
        title = exception.title if isinstance(exception, EventException) else None
        when = self.reader.when(shown_of(self.message.event).at(item), is_short=True)
        if not title:
            return when
        return gettext("%(label)s: %(value)s") % {"label": when, "value": plain_line(title)}

    def _next(self) -> Occurrence | None:
        series = self.event.as_series()
        if series is None:
            return None
        return next(iter(recurrence.following(series, after=self.now, count=1, overrides=self.overrides)), None)


def is_date(event: Event, name: str) -> bool:
    """Whether the series has an occurrence of this name, which was not cancelled."""
    try:
        return access.has_occurrence(event, parse_instance_id(name))
    except ValueError:
        return False


def zone_of(invite: AnyInvite) -> str:
    """The receiver's, else the meeting's."""
    return known_zone(_own_zone(invite), invite.event.starts_at_zone)


def language_of(invite: AnyInvite) -> str:
    """The receiver's, "" where it is not known."""
    return invite.invitee.language if isinstance(invite, EventInvite) else invite.language


def name_of(invite: AnyInvite) -> str:
    if isinstance(invite, EventInvite):
        return plain_line(invite.invitee.get_full_name())
    return plain_line(f"{invite.first_name} {invite.last_name}")


def invited_person(invite: AnyInvite) -> str:
    name, address = name_of(invite), address_of(invite)
    return gettext("%(name)s (%(address)s)") % {"name": name, "address": address} if name else address


def _own_zone(invite: AnyInvite) -> str:
    return invite.invitee.time_zone if isinstance(invite, EventInvite) else invite.time_zone


def _read(invite: AnyInvite) -> None:
    """What is shown, and of all invitations only this one."""
    replies = Prefetch("replies", Reply.objects.order_by("-received_at"))
    prefetch_related_objects([invite], replies)
    prefetch_related_objects(
        [invite.event],
        "exceptions",
        Prefetch("invites", EventInvite.objects.filter(pk=invite.pk)),
        Prefetch("email_invites", EmailInvite.objects.filter(pk=invite.pk)),
        "invites__replies",
        "email_invites__replies",
    )


def _news(event: Event, since: datetime) -> list[Activity]:
    """What has happened to the meeting since then, oldest first."""
    kinds = ("event.updated", "event.instance_updated")
    found = Activity.objects.filter(event_id=event.pk, kind__in=kinds, occurred_at__gt=since)
    return list(found.order_by("-position")[:MOST_CHANGES])[::-1]


def _folded(several: Iterator[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """As one change: of each field the first old and the last new value, where these differ."""
    found: dict[str, tuple[Any, Any]] = {}
    for changes in several:
        for field, (old, new) in changes.items():
            found[field] = (found[field][0] if field in found else old, new)
    return {field: pair for field, pair in found.items() if pair[0] != pair[1]}
