"""From a queued mail to what is sent: text, HTML and calendar object in the receiver's language and zone."""

import hashlib
import math
import re
import time
import uuid
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from email.mime.image import MIMEImage
from email.utils import parseaddr
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_supported_language_variant, gettext
from msgspec.structs import replace

from calendars.itip import Prepared
from calendars.lines import plain_line
from mailer import calendar, links
from mailer.answer_address import is_read
from mailer.branding import Brand, Logo, brand_of
from mailer.contents import contents as values_of
from mailer.kinds import from_json
from mailer.languages import known_language
from mailer.messages import MARK, Message, Person, RegisteredUser
from mailer.mime import Mail, mailbox
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage
from mailer.wording import Wording, Wordings, report, worded, wordings_of

_FILES = {"REQUEST": "invite.ics", "PUBLISH": "meeting.ics", "CANCEL": "cancel.ics", "DECLINECOUNTER": "refusal.ics"}

_PICTURE = re.compile(r'<img src="cid:[^"]*" alt="([^"]*)"[^>]*>')  # as templates/mail/_base.html has it


class RenderError(ValueError):
    """The message cannot become a mail, now or later."""


@dataclass(frozen=True)
class House:
    """What a tenant has of its own."""

    brand: Brand
    wordings: Wordings


class Shared:
    """What mails have in common, built once: given to `render` for one after the other.

    `draft` stands in for the texts of its language and action in use.
    """

    _MOST = 64
    _FRESH_SECONDS = 60  # for so long a change by staff may go unseen

    def __init__(self, draft: Wordings | None = None) -> None:
        self._draft = draft or {}
        self._built: dict[tuple[Any, ...], _Contents] = {}
        self._houses: dict[uuid.UUID | None, tuple[float, House]] = {}

    def house(self, tenant_id: uuid.UUID | None) -> House:
        since, house = self._houses.get(tenant_id, (-math.inf, None))
        if house is None or time.monotonic() - since > self._FRESH_SECONDS:
            house = House(brand_of(tenant_id), wordings_of(tenant_id) | self._draft)
            self._houses[tenant_id] = time.monotonic(), house
        return house

    def contents(self, message: Message, language: str, now: datetime, house: House) -> "_Contents":
        """By all that the contents depend on."""
        wording = house.wordings.get((translation.get_language(), message.text_action))
        receiver = message.receiver.name if wording is not None and wording.names_receiver else ""
        depends = (message.shared(), language, message.recipient.time_zone, now, receiver)
        key = (msgspec.msgpack.encode(depends), house.brand, wording)
        if key not in self._built:
            if len(self._built) >= self._MOST:
                self._built.clear()
            self._built[key] = _contents(message.marked(), language, now, house.brand, wording)
        return self._built[key]


@dataclass(frozen=True)
class _Contents:
    """Complete but for whom it goes to; no calendar object for a meeting without time."""

    language: str  # of the texts
    subject: str
    text: str
    html: str
    calendar: Prepared | None


def render(mail: OutgoingMail, shared: Shared | None = None) -> Mail:
    """The complete mail of one row; raises InvalidMessageError or RenderError."""
    message, shared = from_json(mail.message), shared or Shared()
    language, house = language_of(message), shared.house(mail.tenant_id)
    brand = house.brand
    try:
        with translation.override(get_supported_language_variant(language)):
            contents = shared.contents(message, language, mail.made_at, house)
            built = _addressed(mail, message, contents, brand)
    except (ValueError, OverflowError) as error:
        raise RenderError(str(error)) from error
    if brand.logo is not None:
        built.attach(_picture(brand.logo, brand.cid))
    return built


def _picture(logo: Logo, cid: str) -> MIMEImage:
    """As anymail knows pictures, too."""
    part = MIMEImage(logo.data, "png")
    part["Content-ID"] = f"<{cid}>"
    part["Content-Disposition"] = "inline"
    return part


def language_of(message: Message) -> str:
    """The receiver's language with its region, if there are texts in it; an outsider's is the author's."""
    people = (message.receiver, message.author)
    languages = (person.language for person in people if isinstance(person, RegisteredUser))
    return known_language(message.recipient.language, *languages)


def _contents(message: Message, language: str, now: datetime, brand: Brand, wording: Wording | None) -> _Contents:
    context = values_of(message, language, now) | {"brand": brand}
    return _Contents(
        str(translation.get_language()),
        *_texts(message, context, wording),
        calendar=_calendar(message, language, context, now),
    )


def calendar_object(messages: Sequence[EventMessage], *, now: datetime) -> str:
    """The calendar object that mails of these messages about one meeting would bring: one that names all receivers.

    In the first one's language; "" for a meeting without time. Raises ValueError like `calendar.prepared`.
    """
    first = messages[0]
    language = language_of(first)
    with translation.override(get_supported_language_variant(language)):
        prepared = _calendar(first, language, values_of(first, language, now), now)
    return prepared.for_attendees([calendar.attendee_of(message) for message in messages]).decode() if prepared else ""


def texts_of(
    message: Message, language: str, now: datetime, brand: Brand, wording: Wording | None
) -> tuple[str, str, str]:
    """Subject, text and HTML without all else that a mail has, in the active translation."""
    return _texts(message, values_of(message, language, now) | {"brand": brand}, wording)


def _texts(message: Message, context: dict[str, Any], wording: Wording | None) -> tuple[str, str, str]:
    """Subject, text and HTML in the tenant's words, where it has some that work, else in the shipped ones."""
    folder = f"mail/{message.text_action}"
    subject = _header_text(render_to_string(f"{folder}/subject.txt", context))
    if wording is not None:
        try:
            own, text, html = worded(wording, message, context, subject)
            return _header_text(own), _tidy(text), html
        except Exception as error:
            # Whatever is wrong with it: a mail in other words is better than none.
            if wording.pk is None:
                raise
            report(wording.pk, error)
    text, html = (render_to_string(f"{folder}/body.{form}", context) for form in ("txt", "html"))
    return subject, _tidy(text), html


def _calendar(message: Message, language: str, context: dict[str, Any], now: datetime) -> Prepared | None:
    if not isinstance(message, EventMessage) or not message.has_calendar:
        return None
    if message.tells_series:
        message = replace(message, event_exception=None, changes={})
        context = values_of(message, language, now)

    @cache
    def describe(description: str) -> str:
        return _tidy(render_to_string("mail/_calendar.txt", context | {"description": description}))

    return calendar.prepared(message, now=now, describe=describe)


def _addressed(mail: OutgoingMail, message: Message, contents: _Contents, brand: Brand) -> Mail:
    """The calendar object is in it twice: as the last alternative, which clients act on, and as a file."""
    token = links.answer_token(message)
    built = Mail(
        subject=contents.subject,
        body=contents.text.replace(MARK, token),
        from_email=_sender(message, brand),
        to=[_mailbox(message.receiver)],
        reply_to=[_mailbox(message.author)] if message.author else None,
        headers={**_headers(mail, message), "Content-Language": contents.language},
    )
    built.attach_alternative(contents.html.replace(MARK, token), "text/html")
    built.own_text = token
    if contents.calendar is not None and isinstance(message, EventMessage):
        ics, method = contents.calendar.for_attendee(calendar.attendee_of(message)), contents.calendar.method
        built.attach_alternative(ics.decode(), f"text/calendar; method={method}")
        built.attach(_FILES[method], ics, "application/ics")
    return built


def with_calendar_as_file(message: Mail, *, is_plain: bool = False) -> Mail:
    """A copy with the calendar object as one file, for APIs that take no such alternative.

    The file's type names its METHOD, unless it is to be plain. Clients act on such a file, though some show no buttons
    for it; SMTP is the better way.
    """
    calendars = [part for part in message.alternatives if part[1].startswith("text/calendar")]
    files = [item for item in message.attachments if not isinstance(item, MIMEImage)]
    names = [item[0] for item in files if item[2] == "application/ics"]
    changed = copy(message)
    changed.alternatives = [part for part in message.alternatives if part not in calendars]
    changed.attachments = [item for item in message.attachments if item not in files or item[2] != "application/ics"]
    for (content, kind), name in zip(calendars, names, strict=True):
        changed_kind = "text/calendar" if is_plain else f"{kind}; charset=utf-8; name={name}"
        changed.attach(name, str(content).encode(), changed_kind)
    return changed


def without_pictures(message: Mail) -> Mail:
    """A copy with the product's name instead of its picture, for APIs that take no pictures in a mail."""
    changed = copy(message)
    changed.attachments = [item for item in message.attachments if not isinstance(item, MIMEImage)]
    changed.alternatives = []
    for content, kind in message.alternatives:
        changed.attach_alternative(_PICTURE.sub(r"\1", str(content)) if kind == "text/html" else content, kind)
    return changed


def _headers(mail: OutgoingMail, message: Message) -> dict[str, str]:
    """Message-ID from what makes the mail unique: should it be sent twice by mistake, receivers see one."""
    domain = urlsplit(settings.BASE_URL).hostname
    unique = f"{mail.cause}|{mail.address}|{mail.occurrence}|{mail.offset_minutes}"
    if mail.resent_at:
        unique += f"|{mail.resent_at.timestamp()}"
    root = f"<event-{_digest(message.thread)}@{domain}>"
    return {
        "Message-ID": f"<{_digest(unique)}@{domain}>",
        **({"References": root, "In-Reply-To": root} if message.thread else {}),
        **_unsubscribe(message.unsubscribe_url),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def _unsubscribe(url: str) -> dict[str, str]:
    """RFC 2369 3.2, and RFC 8058: mail programs send a POST for the person who asks for it."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else {}


def _digest(text: str) -> str:
    """A uid may be another program's, and anything; a Message-ID has neither blanks nor other letters than ASCII's."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _sender(message: Message, brand: Brand) -> str:
    """`Alice Adams via OpenTalk`, at our own address: DMARC is about that one.

    The name alone where people write to themselves, or where an author's name would show another address. Where the
    site takes the answers it is the ORGANIZER's address: calendar programs compare the two.
    """
    product, address = parseaddr(brand.from_email)
    organizer = message.event.organizer if isinstance(message, EventMessage) else None
    takes_answers = organizer is not None and is_read(organizer.email)
    if organizer is not None and takes_answers:
        address = organizer.email
    author = message.author
    name = _header_text(author.name) if author is not None and author.email != message.receiver.email else ""
    if not (settings.MAIL_NAMES_AUTHOR and name and product) or "@" in name:
        return mailbox(product, address) if takes_answers else brand.from_email
    return mailbox(gettext("%(name)s via %(product)s") % {"name": name, "product": product}, address)


def _mailbox(person: Person) -> str:
    return mailbox(_header_text(person.name), plain_line(person.email))


def _header_text(text: str) -> str:
    """One line without RFC 2047 encoded words, in which mail programs would find what was taken out here."""
    return plain_line(text).replace("=?", "= ?")


def _tidy(text: str) -> str:
    """Without the blank lines that template tags leave: at most one between two paragraphs."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or lines[index - 1]]
    return "\n".join(kept) + "\n"
