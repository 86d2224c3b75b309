"""From a message to its calendar object: fills the structures of calendars.itip, decides nothing about meetings."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from calendars import itip, patterns, recurrence
from mailer.links import guest_link, room_link
from mailer.messages import Event, EventException, Message


def calendar_object(message: Message, *, now: datetime, description: str) -> bytes | None:
    """The iCalendar object of one mail, None for an event without time.

    `description` is the text that calendars show; a CANCEL carries none.
    Raises ValueError where the message holds what no calendar can express.
    """
    event = message.event
    if event.start_time is None or event.end_time is None:
        return None
    meeting = _meeting(message, description)
    invitee = message.invitee  # type: ignore[attr-defined]
    attendee = itip.Attendee(
        address=invitee.email, name=invitee.name, partstat=message.recipient.partstat, rsvp=message.recipient.rsvp
    )
    if message.exception is not None:
        instance = _instance(event, message.exception)
        build = itip.cancel_instance if instance.is_cancelled else itip.request_instance
        return build(meeting, instance, attendee, now=now)
    return (itip.cancel if message.method == "CANCEL" else itip.request)(meeting, attendee, now=now)


def method_of(message: Message) -> str:
    """METHOD of the object and of its MIME type: they must be the same (RFC 6047 2.4)."""
    if message.exception is not None and message.exception.kind == "canceled":
        return "CANCEL"
    return message.method


def series_of(event: Event) -> patterns.Series | None:
    if event.start_time is None or event.end_time is None:
        return None
    return patterns.Series(
        starts_at=event.start_time.time.astimezone(UTC),
        ends_at=event.end_time.time.astimezone(UTC),
        zone=event.start_time.timezone,
        is_all_day=event.is_all_day,
        pattern=tuple((event.rrule or "").split()),
    )


def _meeting(message: Message, description: str) -> itip.Meeting:
    event = message.event
    series = series_of(event)
    if series is None:
        raise ValueError("an event without time has no calendar object")
    organizer = event.organizer
    created_at = event.created_at.time if event.created_at else series.starts_at
    location = guest_link(message.code) if message.code else room_link(event.room.id)
    return itip.Meeting(
        uid=event.uid or str(event.id),
        sequence=event.revision,
        summary=event.name,
        description=description,
        location=location,
        url=location,
        conferences=tuple(_conferences(event, location)),
        organizer=itip.Person(
            address=organizer.email if organizer else message.inviter.email,
            name=organizer.name if organizer else message.inviter.name,
        ),
        series=series,
        instances=tuple(_instance(event, exception) for exception in event.exceptions),
        created_at=created_at,
        last_modified_at=event.updated_at.time if event.updated_at else created_at,
    )


def _conferences(event: Event, location: str) -> list[itip.Conference]:
    conferences = [itip.Conference(uri=location, label=_("Join the meeting"), features=("AUDIO", "VIDEO"))]
    if event.call_in is not None:
        number = f"tel:{event.call_in.sip_tel},,{event.call_in.sip_id},,{event.call_in.sip_password}"
        conferences.append(itip.Conference(uri=number, label=_("Join by phone"), features=("PHONE",)))
    return conferences


def _instance(event: Event, exception: EventException) -> itip.Instance:
    """The occurrence as it is now: what the exception leaves open comes from the series."""
    series = series_of(event)
    if series is None:
        raise ValueError("an event without time has no occurrences")
    occurrence = recurrence.overridden(
        series,
        recurrence.Override(
            original_starts_at=exception.exception_date.time.astimezone(UTC),
            starts_at=exception.starts_at.time.astimezone(UTC) if exception.starts_at else None,
            ends_at=exception.ends_at.time.astimezone(UTC) if exception.ends_at else None,
            is_cancelled=exception.kind == "canceled",
        ),
    )
    return itip.Instance(
        original_starts_at=occurrence.original_starts_at,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        is_all_day=event.is_all_day if exception.is_all_day is None else exception.is_all_day,
        summary=event.name if exception.title is None else exception.title,
        description=event.description if exception.description is None else exception.description,
        is_cancelled=occurrence.is_cancelled,
    )
