"""Where mails point to: the frontend, or our own small pages where none is set."""

import uuid

from django.conf import settings


def room_link(room_id: uuid.UUID) -> str:
    return str(settings.ROOM_LINK).format(frontend=settings.FRONTEND_URL, room_id=room_id)


def guest_link(code: str) -> str:
    return str(settings.INVITE_LINK).format(frontend=settings.FRONTEND_URL, code=code)


def event_link(event_id: uuid.UUID) -> str:
    return str(settings.EVENT_LINK).format(frontend=settings.FRONTEND_URL, event_id=event_id)
