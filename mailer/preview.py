"""Previews of mails, which are not sent: of a sample message, of a task of the protocol, or of a row as it was sent."""

import uuid
from base64 import b64encode
from email.mime.image import MIMEImage
from email.utils import make_msgid
from typing import Any

from django.core.mail import get_connection
from django.utils import timezone
from msgspec.structs import replace

from mailer.kinds import from_json, to_json
from mailer.messages import Message
from mailer.mime import Mail
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage
from mailer.render import Shared, render
from mailer.samples import sample

FORMATS = ("eml", "html", "txt", "ics")


def sample_mail(kind: str, shape: str, language: str) -> Mail:
    """Raises KeyError as mailer.samples.sample."""
    return rendered(sample(kind, shape, language), language)


def task_mail(task: dict[str, Any], language: str) -> Mail:
    """A task of the protocol as its receiver would read it. Raises InvalidMessageError or RenderError."""
    return rendered(from_json(task), language)


def past_mail(mail: OutgoingMail) -> Mail:
    """A stored mail, with every password, PIN and code hidden: staff look at mails, and are not invited.

    Raises InvalidMessageError or RenderError.
    """
    mail.message = to_json(from_json(mail.message).without_secrets())
    return render(mail)


def part(mail: Mail, form: str) -> bytes:
    """The mail in one of FORMATS; b"" for the calendar object of a mail that has none."""
    if form == "eml":
        return mail.message().as_bytes()
    if form == "txt":
        return str(mail.body).encode()
    wanted = "text/html" if form == "html" else "text/calendar"
    return next((str(content).encode() for content, kind in mail.alternatives if kind.startswith(wanted)), b"")


def rendered(
    message: Message, language: str, *, tenant_id: uuid.UUID | None = None, shared: Shared | None = None
) -> Mail:
    """As its receiver would read it in this language. Raises RenderError."""
    message = replace(message, recipient=replace(message.recipient, language=language))
    changed_at = message.event.updated_at if isinstance(message, EventMessage) else None
    return render(
        OutgoingMail(
            kind=message.kind,
            message=to_json(message),
            cause=uuid.UUID(int=0),
            address=message.receiver.email,
            created_at=changed_at.time if changed_at else timezone.now(),
            tenant_id=tenant_id,
        ),
        shared,
    )


def picture_shown(mail: Mail) -> str:
    """The HTML with its picture in it: a browser finds none that comes beside."""
    html = part(mail, "html").decode()
    for item in mail.attachments:
        if isinstance(item, MIMEImage):
            data = b64encode(item.get_payload(decode=True)).decode()  # type: ignore[arg-type]
            html = html.replace(f"cid:{item['Content-ID'][1:-1]}", f"data:image/png;base64,{data}")
    return html


def send_test(mail: Mail, address: str) -> None:
    """At once, to this address, without the calendar object: its sample is no meeting, and answers would go astray.

    Raises OSError or AnymailError.
    """
    mail.to, mail.reply_to = [address], []
    mail.alternatives = [item for item in mail.alternatives if item[1] == "text/html"]
    mail.attachments = [item for item in mail.attachments if isinstance(item, MIMEImage)]
    mail.extra_headers = {"Message-ID": make_msgid(domain="test.invalid"), "Auto-Submitted": "auto-generated"}
    get_connection().send_messages([mail])
