"""From a queued mail to what is sent: text, HTML and calendar object in the receiver's language and zone."""

import hashlib
from datetime import datetime
from email.utils import formataddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_supported_language_variant

from calendars.itip import plain_line
from mailer import calendar
from mailer.contents import contents
from mailer.messages import Message, RegisteredUser, from_json
from mailer.models import OutgoingMail


class RenderError(ValueError):
    """The message cannot become a mail, now or later."""


def render(mail: OutgoingMail) -> EmailMultiAlternatives:
    """The complete mail of one row; raises InvalidMessageError or RenderError."""
    message: Message = from_json(mail.message)
    language = _language(message)
    with translation.override(language):
        try:
            return _build(mail, message, language)
        except ValueError as error:
            raise RenderError(str(error)) from error


def _language(message: Message) -> str:
    """The receiver's language; an outsider's is the inviter's."""
    invitee = message.invitee  # type: ignore[attr-defined]
    own = invitee.language if isinstance(invitee, RegisteredUser) else ""
    for wanted in (message.recipient.language, own, message.inviter.language, settings.DEFAULT_USER_LANGUAGE):
        try:
            return get_supported_language_variant(wanted.replace("_", "-"))
        except LookupError:
            continue
    return str(settings.LANGUAGE_CODE)


def _build(mail: OutgoingMail, message: Message, language: str) -> EmailMultiAlternatives:
    context = contents(message, language)
    folder = f"mail/{message.text_action}"
    built = EmailMultiAlternatives(
        subject=_header_text(render_to_string(f"{folder}/subject.txt", context)),
        body=_tidy(render_to_string(f"{folder}/body.txt", context)),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[_mailbox(message.invitee.name, message.invitee.email)],  # type: ignore[attr-defined]
        reply_to=[_mailbox(message.inviter.name, message.inviter.email)],
        headers=_headers(mail, message),
    )
    built.attach_alternative(render_to_string(f"{folder}/body.html", context), "text/html")
    _attach_calendar(built, message, context, mail.created_at)
    return built


def _attach_calendar(built: EmailMultiAlternatives, message: Message, context: dict[str, Any], now: datetime) -> None:
    """The object twice: as the last alternative, which clients act on, and as a file with the same bytes."""

    def describe(description: str) -> str:
        return _tidy(render_to_string("mail/_calendar.txt", context | {"description": description}))

    ics = calendar.calendar_object(message, now=now, describe=describe)
    if ics is None:
        return
    method = calendar.method_of(message)
    built.attach_alternative(ics.decode(), f"text/calendar; method={method}")
    built.attach("cancel.ics" if method == "CANCEL" else "invite.ics", ics, "application/ics")


def with_calendar_as_file(message: EmailMultiAlternatives) -> EmailMultiAlternatives:
    """The same mail with the calendar object as one file that names its METHOD, for APIs that take no such alternative.

    Clients act on a file of this type, though some show no buttons for it; SMTP is the better way.
    """
    calendars = [part for part in message.alternatives if part[1].startswith("text/calendar")]
    message.alternatives = [part for part in message.alternatives if part not in calendars]
    files = [item for item in message.attachments if item[2] != "application/ics"]
    names = [item[0] for item in message.attachments if item[2] == "application/ics"]
    message.attachments = files
    for (content, kind), name in zip(calendars, names, strict=True):
        message.attach(name, str(content).encode(), f"{kind}; charset=utf-8; name={name}")
    return message


def _headers(mail: OutgoingMail, message: Message) -> dict[str, str]:
    """Message-ID from what makes the mail unique: should it be sent twice, receivers see one."""
    domain = urlsplit(settings.BASE_URL).hostname
    unique = f"{mail.cause}|{mail.address}|{mail.occurrence}|{mail.offset_minutes}"
    root = f"<event-{_digest(message.event.uid or str(message.event.id))}@{domain}>"
    return {
        "Message-ID": f"<{_digest(unique)}@{domain}>",
        "References": root,
        "In-Reply-To": root,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def _digest(text: str) -> str:
    """A uid may be another program's, and anything; a Message-ID has neither blanks nor other letters than ASCII's."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _mailbox(name: str, address: str) -> str:
    return formataddr((_header_text(name), plain_line(address)))


def _header_text(text: str) -> str:
    """One line without RFC 2047 encoded words, in which mail programs would find what was taken out here."""
    return plain_line(text).replace("=?", "= ?")


def _tidy(text: str) -> str:
    """Without the blank lines that template tags leave: at most one between two paragraphs."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or lines[index - 1]]
    return "\n".join(kept) + "\n"
