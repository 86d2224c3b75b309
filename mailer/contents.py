"""The values that templates/mail/ shows, in the receiver's language and time zone.

Texts of people come out as plain text without control characters; the HTML template escapes them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any

from django.utils.translation import get_language, get_language_bidi, gettext, gettext_noop, ngettext

from calendars.lines import plain_line, plain_text
from mailer import answer_lines, links
from mailer.digests import AnswersDigest
from mailer.messages import ExternalUser, Message
from mailer.notices import CallbackNotice
from mailer.protocol import DateException, Event, EventMessage, Organizer
from mailer.reader import Reader
from mailer.refusals import Refusal
from mailer.reminders import Reminder
from mailer.series import before_of, dates_ahead, exceptions_ahead, is_regular, next_of
from mailer.shown import Shown, known_zone, planned_of, shown_of
from mailer.ways_in import ways_in

MOST_LOST = 5  # dates that a mail names of those that are lost


@dataclass(frozen=True)
class Fact:
    """A current value; `before` is the old value, "" if it has not changed."""

    text: str
    before: str = ""


@dataclass(frozen=True)
class Change:
    """`label` changed from `old` to `new`; a whole sentence where these are ""."""

    label: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Answer:
    label: str
    link: str


@singledispatch
def contents(message: Message, language: str, now: datetime) -> dict[str, Any]:
    """The templates' values: words are of the active translation, dates as `language` (en-US, de-AT …) writes them.

    `now` is the moment at which the mail was caused: what is before it is over.
    """
    raise NotImplementedError(message.kind)


def framed(values: dict[str, Any]) -> dict[str, Any]:
    """With what the frame of each mail asks for."""
    is_rtl = get_language_bidi()
    return {
        "language": get_language(),
        "direction": "rtl" if is_rtl else "ltr",
        "side": "right" if is_rtl else "left",
        **values,
    }


@contents.register
def of_event(message: EventMessage, language: str, now: datetime) -> dict[str, Any]:
    """Who was removed, or whose meeting is off, is told which one: no link, no password, no PIN, and no description.

    In descriptions people write such things.
    """
    event, exception, is_gone = message.event, message.event_exception, message.is_gone
    reader, shown = Reader(language, _zone(message)), shown_of(event, exception)
    organizer = event.organizer or Organizer(message.inviter.email, message.inviter.name)
    ways = [] if is_gone else ways_in(message)
    return framed(
        _when(message, reader, shown, now)
        | {
            "action": message.text_action,
            "subject_title": _with_day(message, shown, reader),
            "description": "" if is_gone else plain_text(shown.description).strip(),
            "inviter": plain_line(message.inviter.name) or plain_line(message.inviter.email),
            "organizer_line": ", ".join(filter(None, (plain_line(organizer.name), plain_line(organizer.contact)))),
            "is_own": message.is_own,
            "is_occurrence": exception is not None,
            "continues": message.continues,
            "has_time": event.has_time,
            "has_declined": message.has_declined,
            "is_gone": is_gone,
            "is_off": message.text_action == "cancellation",
            "join_link": "" if is_gone else links.join_link(message),
            "ways_in": ways,
            "more_ways_in": list(filter(None, [ways[0][1:], *ways[1:]])) if ways else [],  # beside the button
            "deleted_at": "" if is_gone else _deleted_at(event, language, shown, now),
            "event_link": _event_link(message),
            "answers": _answers(message),
        }
    )


@contents.register
def of_reminder(message: Reminder, language: str, now: datetime) -> dict[str, Any]:
    """The subject has the time: most people need no more."""
    shown = shown_of(message.event, message.event_exception)
    when = Reader(language, _zone(message)).when(shown, is_short=True)
    told = {
        "subject_title": f"{shown.heading()}, {when}",
        "unsubscribe_url": message.unsubscribe_url,
        "unsubscribe_label": gettext("Switch off all reminders"),
    }
    return of_event(message, language, now) | told


@contents.register
def of_refusal(message: Refusal, language: str, now: datetime) -> dict[str, Any]:
    """No way in: the invitation has told it, and a proposal may come from somebody whom it was forwarded to."""
    reader, meeting = Reader(language, _zone(message)), message.event
    proposed = shown_of(message.proposed.of(meeting)) if message.proposed else None
    told = {
        "proposed": reader.when(proposed) if proposed else "",
        "comment": plain_text(message.comment).strip(),
        **dict.fromkeys(("deleted_at", "description", "event_link", "join_link"), ""),
        **dict.fromkeys(("ways_in", "more_ways_in"), ()),
    }
    return of_event(message, language, now) | told


@contents.register
def of_callback_notice(message: CallbackNotice, language: str, now: datetime) -> dict[str, Any]:
    return framed(
        {
            "title": message.host,
            "what": message.what,
            "host": message.host,
            "url": message.url,
            "error": plain_line(message.error),
            "count": message.count,
            "is_gone": message.what not in ("given_up", "refused"),
        }
    )


@contents.register
def of_digest(message: AnswersDigest, language: str, now: datetime) -> dict[str, Any]:
    """An organizer without a zone reads the times of each meeting in that meeting's."""
    parts = []
    for meeting in message.meetings:
        planned = meeting.schedule.start_time.timezone if meeting.schedule else ""
        parts.append(answer_lines.told(meeting, Reader(language, known_zone(message.recipient.time_zone, planned))))
    reader = Reader(language, known_zone(message.recipient.time_zone))
    subject = answer_lines.subject(message, reader)
    return framed(
        {
            "subject": subject,
            "title": Fact(subject),
            "meetings": parts,
            "more": message.more,
            "unsubscribe_url": message.unsubscribe_url,
            "unsubscribe_label": gettext("Switch off mails about answers"),
        }
    )


def _event_link(message: EventMessage) -> str:
    has_none = message.is_gone or isinstance(message.invitee, ExternalUser)
    return "" if has_none else links.event_link(message.event.id)


def _answers(message: EventMessage) -> list[Answer]:
    """What the receiver may choose from; nothing for the organizer, and where there is nothing to come to any more."""
    if not message.recipient.answer_token or message.is_gone or message.is_own:
        return []
    words = {"accepted": gettext("Yes"), "tentative": gettext("Maybe"), "declined": gettext("No")}
    return [Answer(label, links.answer_link(message, answer)) for answer, label in words.items()]


def _zone(message: EventMessage) -> str:
    """The receiver's, else the one that the meeting is or was planned in."""
    former, exception = message.ended, message.event_exception
    planned = (message.event.start_time, former and former.start_time, exception and exception.exception_date)
    return known_zone(message.recipient.time_zone, *(time.timezone for time in planned if time))


def _with_day(message: EventMessage, shown: Shown, reader: Reader) -> str:
    """For the subject: with the occurrence it is about, by its original day."""
    title = shown.heading()
    if message.event_exception is not None:
        day = reader.day(message.event_exception.exception_date.time, planned_of(message.event))
        return gettext("%(title)s (%(day)s)") % {"title": title, "day": day}
    if message.continues and shown.starts_at is not None:
        day = reader.day(shown.starts_at, shown)
        return gettext("%(title)s (from %(day)s on)") % {"title": title, "day": day}
    return title


# --- when it is, and how that has changed ---


def _when(message: EventMessage, reader: Reader, shown: Shown, now: datetime) -> dict[str, Any]:
    event, exception = message.event, message.event_exception
    before = _before(message, shown)
    has_moved = before.time != shown.time
    at = shown if exception else next_of(event, now, is_plain=has_moved)
    was_at = before_of(before, shown, at, now) if has_moved else at
    is_whole = exception is None and not message.is_gone
    planned = planned_of(event, exception)
    return {
        "title": _fact(shown.heading(), before.heading()),
        "when": _fact(reader.when(at), reader.when(was_at)),
        "when_label": _when_label(at, shown, now),
        "when_planned": reader.when_planned(at),
        "repeats": _repeats(before, shown, reader, is_counted=is_regular(event, now)),
        "exceptions": exceptions_ahead(event, reader, now) if is_whole else [],
        "dates": dates_ahead(event, reader, now) if is_whole else [],
        "day": reader.named_full_day(planned.starts_at, planned),  # of the occurrence, or the first one
        "goes_on": _goes_on(message, reader),
        "changes": _changes(message, before, shown, reader, now),
    }


def _when_label(at: Shown, shown: Shown, now: datetime) -> str:
    """Of a series, where the date that is shown is not the first one."""
    if at.starts_at is None or at.starts_at == shown.starts_at:
        return ""
    return gettext("Next date") if at.starts_at >= now else gettext("Last date")


def _repeats(before: Shown, shown: Shown, reader: Reader, *, is_counted: bool) -> Fact | None:
    if shown.starts_at is None or before.starts_at is None:
        return None
    words = [reader.repeats(item, is_counted=is_counted) for item in (shown, before)]
    return _fact(*(said or gettext("does not repeat") for said in words)) if any(words) else None


def _fact(text: str, before: str) -> Fact:
    return Fact(text, before if before != text else "")


def _goes_on(message: EventMessage, reader: Reader) -> dict[str, str]:
    """Of the first part of a series that was split: when the later one begins, and how it repeats."""
    if message.goes_on is None:
        return {}
    later = shown_of(message.goes_on.of(message.event))
    told = ", ".join(filter(None, (reader.when(later), reader.repeats(later))))
    return {"day": reader.named_full_day(later.starts_at, later), "when": told}


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# The activity's fields that people see, and how their old values are read.
_COLUMNS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "title": ("title", str),
    "description": ("description", str),
    "starts_at": ("starts_at", _instant),
    "ends_at": ("ends_at", _instant),
    "starts_at_zone": ("zone", known_zone),
    "is_all_day": ("is_all_day", bool),
    "recurrence_pattern": ("pattern", lambda lines: tuple(map(str, lines))),
}


def _before(message: EventMessage, now: Shown) -> Shown:
    """The time before the change: from the log, or from the series if another program sent the mail."""
    if message.text_action != "update" and not message.continues:
        return now
    if not message.changes:
        return planned_of(message.event, message.event_exception)
    old = {name: values[0] for name, values in message.changes.items()}
    return replace(now, **{own: read(old[name]) for name, (own, read) in _COLUMNS.items() if name in old})


# --- what else has changed ---

_SENTENCES: dict[str, list[tuple[tuple[Any, Any], str]]] = {
    "has_password": [
        ((False, True), gettext_noop("The room has a password now.")),
        ((True, True), gettext_noop("The room has a new password.")),
        ((True, False), gettext_noop("The room no longer has a password.")),
    ],
    "waiting_room": [
        ((False, True), gettext_noop("There is a waiting room now.")),
        ((True, False), gettext_noop("There is no longer a waiting room.")),
    ],
    "e2e_encryption": [
        ((False, True), gettext_noop("The meeting is end-to-end encrypted now.")),
        ((True, False), gettext_noop("The meeting is no longer end-to-end encrypted.")),
    ],
    "dial_in_pin": [((True, True), gettext_noop("There is a new PIN for joining by phone."))],
    "has_shared_folder": [
        ((False, True), gettext_noop("There is a shared folder now.")),
        ((True, False), gettext_noop("There is no longer a shared folder.")),
    ],
    "status": [(("cancelled", "ok"), gettext_noop("It takes place after all."))],
}


def _changes(message: EventMessage, before: Shown, shown: Shown, reader: Reader, now: datetime) -> list[Change]:
    """Changes that are not shown as facts: old and new values where possible, then sentences for the rest."""
    found = []
    if shown.starts_at is not None and before.starts_at is not None:
        found.append(Change(gettext("Time zone"), reader.planned_in(before), reader.planned_in(shown)))
    streams = (_names(names, reader) for names in message.changes.get("streaming_targets", ("",) * 2))
    found.append(Change(gettext("Live streams"), *streams))
    found.append(Change(gettext("Organised by"), *message.changes.get("organizer_name", ("", ""))))
    found = [change for change in found if change.old != change.new]
    if before.time == shown.time and _single_dates(before) != _single_dates(shown):
        found.append(Change(gettext("Individual dates were added or removed.")))
    if before.description != shown.description:
        added, removed = gettext("There is a new description."), gettext("The description was removed.")
        found.append(Change(added if shown.description else removed))
    for field, sentences in _SENTENCES.items():
        values = message.changes.get(field) if message.text_action == "update" else None
        found += [Change(gettext(sentence)) for pair, sentence in sentences if pair == values]
    if message.replaced is not None:
        told = gettext(
            "Your calendar gets a new entry for the meeting by another mail; this one removes the old entry."
        )
        found.append(Change(told))
    return found + _lost(message, reader, now)


def _lost(message: EventMessage, reader: Reader, now: datetime) -> list[Change]:
    """The changed dates ahead that are in the series no more; so many by name."""
    ahead = [item for item in message.lost if max(at.time for at in (item.exception_date, item.ends_at) if at) >= now]
    told = [_lost_date(exception, reader) for exception in ahead[:MOST_LOST]]
    if (count := len(ahead) - MOST_LOST) > 0:
        told.append(ngettext("%(count)d more", "%(count)d more", count) % {"count": count})
    sentence = gettext("These changes to individual dates no longer apply: %(dates)s.")
    return [Change(sentence % {"dates": gettext("; ").join(told)})] if told else []


def _lost_date(exception: DateException, reader: Reader) -> str:
    original, start, end = exception.exception_date, exception.starts_at, exception.ends_at
    planned = Shown("", "", original.time, original.time, known_zone(original.timezone), bool(exception.is_all_day))
    if exception.kind == "canceled":
        state = gettext("cancelled")
    elif start and end and start.time != original.time:
        moved = replace(planned, starts_at=start.time, ends_at=end.time)
        state = gettext("moved to %(when)s") % {"when": reader.when(moved)}
    else:
        state = gettext("changed")
    day = reader.named_day(original.time, planned)
    return gettext("%(day)s, %(state)s") % {"day": day, "state": state}


def _single_dates(shown: Shown) -> set[str]:
    return {line for line in shown.pattern if not line.startswith("RRULE")}


def _names(names: Any, reader: Reader) -> str:
    return reader.list_of([plain_line(str(name)) for name in names]) or gettext("none")


def _deleted_at(event: Event, language: str, shown: Shown, now: datetime) -> str:
    """When the room of an ad-hoc meeting goes, in the meeting's zone: calendar objects say it to several receivers.

    Older controllers do not say when it was made: just now.
    """
    if not event.adhoc_retention_seconds:
        return ""
    made_at = event.created_at.time if event.created_at else now
    moment = made_at + timedelta(seconds=event.adhoc_retention_seconds)
    return Reader(language, shown.zone).when(replace(shown, starts_at=moment, ends_at=moment, is_all_day=False))
