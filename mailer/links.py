"""Where mails point to: the frontend, or our own small pages where none is set."""

import uuid
from urllib.parse import quote

from django.conf import settings

from calendars.times import instance_id
from mailer.messages import Message
from mailer.protocol import CallIn, EventMessage


def room_link(room_id: uuid.UUID) -> str:
    return str(settings.ROOM_LINK).format(frontend=settings.FRONTEND_URL, room_id=room_id)


def guest_link(code: str) -> str:
    return str(settings.INVITE_LINK).format(frontend=settings.FRONTEND_URL, code=quote(code, safe=""))


def event_link(event_id: uuid.UUID) -> str:
    return str(settings.EVENT_LINK).format(frontend=settings.FRONTEND_URL, event_id=event_id)


def join_link(message: EventMessage) -> str:
    own = message.event.properties.url if message.event.properties else ""
    return own or _room_link_of(message)


def _room_link_of(message: EventMessage) -> str:
    return guest_link(message.invite_code) if message.invite_code else room_link(message.event.room.id)


def answer_link(message: EventMessage, answer: str) -> str:
    """The page on which the receiver answers, with this answer chosen, and the occurrence that the mail is about.

    The page is ours, also where a frontend has all others.
    """
    token, about = answer_token(message), message.event_exception
    occurrence = f"&occurrence={instance_id(about.exception_date.time)}" if about else ""
    return f"{settings.BASE_URL}/rsvp/{token}?answer={answer}{occurrence}"


def answer_token(message: Message) -> str:
    """As it stands in a link."""
    return quote(message.recipient.answer_token, safe=":*")


def phone_link(call_in: CallIn) -> str:
    """Dials number, id and PIN: telephones wait at a comma. A `tel:` URI has no blanks (RFC 3966 3)."""
    return "tel:" + ",,".join(map(_dialled, (call_in.sip_tel, call_in.sip_id, call_in.sip_password)))


def number_link(number: str) -> str:
    return "tel:" + _dialled(number)


def _dialled(number: str) -> str:
    return quote("".join(number.split()), safe="+-.()*")


def web_link(url: str) -> str:
    """The address if a browser may open it, else "": other programs' messages may hold any scheme."""
    return url if url.startswith(("https://", "http://")) else ""
