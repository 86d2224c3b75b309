"""From a message to its calendar object: fills the structures of calendars.itip, decides nothing about meetings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from calendars import itip, patterns, recurrence
from calendars.addresses import ascii_address
from calendars.details import Details, over
from calendars.rules import PatternError
from calendars.times import is_zone, parse_instance_id
from mailer.links import join_link, phone_link
from mailer.messages import Time
from mailer.protocol import CalendarProperties, DateException, Event, EventMessage, Organizer

# Makes of a description the text that calendars show, with the ways in.
Describe = Callable[[str], str]


def prepared(message: EventMessage, *, now: datetime, describe: Describe) -> itip.Prepared | None:
    """The iCalendar object of an action's mails but for the attendee, None for an event without time.

    None also where another program sent a pattern that cannot be read or has no date: better no entry than one on
    wrong
    days. A CANCEL holds no description. Raises ValueError where the message holds what no calendar can express.
    """
    event = _in_calendars(message)
    series = series_of(event)
    if series is None:
        return None
    try:
        if recurrence.first(series) is None:
            return None
    except PatternError:
        return None
    method = method_of(message)
    text = describe if method in ("REQUEST", "PUBLISH") else lambda _description: ""
    organizer = event.organizer or Organizer(message.inviter.email, message.inviter.name)
    meeting = meeting_of(event, series, organizer=organizer, link=join_link(message), describe=text)
    meeting = replace(meeting, comment=message.comment)
    instance = _instance(event, message.event_exception, series, text) if message.event_exception else None
    return itip.prepare(meeting, method, now=now, instance=instance)


def attendee_of(message: EventMessage) -> itip.Attendee:
    invitee, recipient = message.invitee, message.recipient
    return itip.Attendee(
        address=ascii_address(invitee.email),
        name=invitee.name,
        partstat=recipient.partstat,
        answers={parse_instance_id(name): partstat for name, partstat in recipient.answers.items()},
    )


def method_of(message: EventMessage) -> itip.Method:
    """METHOD of the object and of its MIME type: they must be the same (RFC 6047 2.4)."""
    if message.method == "DECLINECOUNTER":
        return "DECLINECOUNTER"
    if message.is_gone or message.ended is not None or message.replaced is not None:
        return "CANCEL"
    # Organizers are only informed of their own meeting, so calendar programs do not ask them for an answer.
    return "PUBLISH" if message.is_own else "REQUEST"


def series_of(event: Event) -> patterns.Series | None:
    """None without time. Mistakes of other programs are corrected where the meaning is clear.

    An unknown zone is UTC: the start is right. An end before the start is the start, a line without a name a rule.
    """
    if event.start_time is None or event.end_time is None:
        return None
    return patterns.Series(
        starts_at=_utc(event.start_time),
        ends_at=max(_utc(event.start_time), _utc(event.end_time)),
        zone=event.start_time.timezone if is_zone(event.start_time.timezone) else "UTC",
        is_all_day=event.is_all_day,
        pattern=tuple(line if ":" in line else f"RRULE:{line}" for line in (event.rrule or "").split()),
    )


def _in_calendars(message: EventMessage) -> Event:
    """The event at the time and by the name that calendars have it: what they lose is taken out from there."""
    event = message.ended.of(message.event) if message.ended else message.event
    return message.replaced.of(event) if message.replaced else event


def meeting_of(
    event: Event, series: patterns.Series, *, organizer: Organizer, link: str, describe: Describe
) -> itip.Meeting:
    """An event as calendars have it, whether it is mailed or not. `series` is its series_of, `link` its way in."""
    created_at = event.created_at.time if event.created_at else series.starts_at
    own = event.properties or CalendarProperties()
    return itip.Meeting(
        uid=event.uid or str(event.id),
        sequence=event.revision,
        summary=event.name,
        description=describe(event.description),
        location=own.location or link,
        url=link,
        geo=(own.latitude, own.longitude) if own.latitude and own.longitude else None,
        is_transparent=own.transparency == "transparent",
        alarms=tuple(own.reminders),
        conferences=tuple(_conferences(event, link)),
        organizer=itip.Person(address=ascii_address(organizer.email), name=organizer.name),
        series=series,
        instances=tuple(_instance(event, exception, series, describe) for exception in event.exceptions),
        related=tuple(event.siblings),
        created_at=created_at,
        last_modified_at=event.updated_at.time if event.updated_at else created_at,
    )


def _conferences(event: Event, link: str) -> list[itip.Conference]:
    call_in = event.call_in
    ways = [itip.Conference(uri=link, label=_("Join the meeting"), features=("AUDIO", "VIDEO"))]
    if call_in is not None:
        ways.append(itip.Conference(uri=phone_link(call_in), label=_("Join by phone"), features=("PHONE",)))
    return ways


def occurrence_of(series: patterns.Series, exception: DateException) -> recurrence.Occurrence:
    return recurrence.overridden(
        series,
        recurrence.Override(
            original_starts_at=_utc(exception.exception_date),
            starts_at=_utc(exception.starts_at) if exception.starts_at else None,
            ends_at=_utc(exception.ends_at) if exception.ends_at else None,
            is_cancelled=exception.kind == "canceled",
        ),
    )


def _instance(event: Event, exception: DateException, series: patterns.Series, describe: Describe) -> itip.Instance:
    """The occurrence as it is now: what the exception leaves open comes from the series."""
    occurrence = occurrence_of(series, exception)
    details = over(Details(event.name, event.description, event.is_all_day), exception)
    return itip.Instance(
        original_starts_at=occurrence.original_starts_at,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        is_all_day=details.is_all_day,
        summary=details.title,
        description=describe(details.description),
        is_cancelled=occurrence.is_cancelled,
    )


def _utc(time: Time) -> datetime:
    return time.time.astimezone(UTC)
