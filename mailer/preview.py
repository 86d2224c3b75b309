"""Mails to look at, which nobody gets: of a sample message, of a task of the protocol, or of a row as it was sent."""

import uuid
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from msgspec.structs import replace

from mailer.messages import Message, SharedFolder, from_json, to_json
from mailer.models import OutgoingMail
from mailer.render import render
from mailer.samples import sample

FORMATS = ("eml", "html", "txt", "ics")
_HIDDEN = "********"


def sample_mail(kind: str, shape: str, language: str) -> EmailMultiAlternatives:
    """Raises KeyError as mailer.samples.sample."""
    return _rendered(sample(kind, shape, language), language)


def task_mail(task: dict[str, Any], language: str) -> EmailMultiAlternatives:
    """A task of the protocol as its receiver would read it. Raises InvalidMessageError or RenderError."""
    return _rendered(from_json(task), language)


def past_mail(mail: OutgoingMail) -> EmailMultiAlternatives:
    """A stored mail, with every password, PIN and code hidden: staff look at mails, and are not invited.

    Raises InvalidMessageError or RenderError.
    """
    mail.message = to_json(_without_secrets(from_json(mail.message)))
    return render(mail)


def part(mail: EmailMultiAlternatives, form: str) -> bytes:
    """The mail in one of FORMATS; b"" for the calendar object of a mail that has none."""
    if form == "eml":
        return mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's class takes it
    if form == "txt":
        return str(mail.body).encode()
    wanted = "text/html" if form == "html" else "text/calendar"
    return next((str(content).encode() for content, kind in mail.alternatives if kind.startswith(wanted)), b"")


def _rendered(message: Message, language: str) -> EmailMultiAlternatives:
    message = replace(message, recipient=replace(message.recipient, language=language))
    changed_at = message.event.updated_at
    return render(
        OutgoingMail(
            kind=message.kind,
            message=to_json(message),
            cause=uuid.UUID(int=0),
            address=message.invitee.email,  # type: ignore[attr-defined]
            created_at=changed_at.time if changed_at else timezone.now(),
        )
    )


def _without_secrets(message: Message) -> Message:
    event = message.event
    room = replace(event.room, password=_HIDDEN if event.room.password else None)
    call_in = event.call_in and replace(event.call_in, sip_password=_HIDDEN)
    hidden = replace(event, room=room, call_in=call_in, shared_folder=_hidden_folder(event.shared_folder))
    code = {"invite_code": "hidden"} if message.code else {}
    return replace(message, event=hidden, **code)


def _hidden_folder(folder: SharedFolder | None) -> SharedFolder | None:
    if folder is None:
        return None
    write = folder.read_write and replace(folder.read_write, password=_HIDDEN)
    return SharedFolder(replace(folder.read, password=_HIDDEN), write)
