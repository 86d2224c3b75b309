"""Where mails point to: the frontend, or our own small pages where none is set."""

import uuid
from urllib.parse import quote

from django.conf import settings

from mailer.protocol import CallIn, EventMessage


def room_link(room_id: uuid.UUID) -> str:
    return str(settings.ROOM_LINK).format(frontend=settings.FRONTEND_URL, room_id=room_id)


def guest_link(code: str) -> str:
    return str(settings.INVITE_LINK).format(frontend=settings.FRONTEND_URL, code=quote(code, safe=""))


def event_link(event_id: uuid.UUID) -> str:
    return str(settings.EVENT_LINK).format(frontend=settings.FRONTEND_URL, event_id=event_id)


def join_link(message: EventMessage) -> str:
    return guest_link(message.invite_code) if message.invite_code else room_link(message.event.room.id)


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
