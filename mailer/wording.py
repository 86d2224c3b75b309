"""Texts that staff wrote for a tenant in place of the shipped ones: which are in use, and how they become a mail."""

import logging
import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calendars.lines import plain_line
from mailer.messages import Message
from mailer.models import MailTemplate
from mailer.template_text import TemplateTextError, filled, parse

logger = logging.getLogger(__name__)

# What may stand in a text, and what staff read about it. Each is "" where there is none.
IN_SUBJECTS = {
    "subject": _("the shipped subject"),
    "title": _("the meeting's title"),
    "when": _("when it is, in the receiver's zone; of a series the next date"),
    "repeats": _("how it repeats"),
    "occurrence": _("the original day of the one date that the mail is about"),
    "inviter": _("who invites, changes or cancels"),
    "organizer": _("name and address of the organizer"),
    "recipient": _("the receiver's name, if it is known"),
    "product": _("the product's name"),
}
_IN_ALL_BODIES = IN_SUBJECTS | {
    "intro": _("the shipped first sentence: what happened"),
    "support": _("the support address"),
    "details": _("block: title, time, what has changed, organizer, description"),
}
_OF_WHO_IS_IN = {
    "answer": _("block: the question whether the receiver comes, with a link for each answer"),
    "event_link": _("link to the answer and the details; not for people without an account"),
    "ways_in": _("block: link, password, phone, shared folder, streams"),
}
BLOCKS = frozenset({"answer", "details", "ways_in"})
_LINKS = frozenset({"event_link"})
MOST_OF_A_BLOCK = 2  # one for each branch of an if
# Their messages hold no way in: whoever gets them has no meeting any more, or has had a mail that holds it.
_ENDINGS = frozenset({"cancellation", "uninvite", "refusal"})


def in_bodies(action: str) -> dict[str, Any]:
    """The placeholders of an action's body and what they stand for."""
    return _IN_ALL_BODIES if action in _ENDINGS else _IN_ALL_BODIES | _OF_WHO_IS_IN


@dataclass(frozen=True)
class Wording:
    """`pk` None is a draft, which nobody has saved: its mistakes are told, and no shipped text stands in for it."""

    subject: str
    body: str
    pk: uuid.UUID | None = None

    @property
    def names_receiver(self) -> bool:
        return "recipient" in self.subject + self.body


Wordings = dict[tuple[str, str], Wording]


def wordings_of(tenant_id: uuid.UUID | None) -> Wordings:
    """The newest version of each text by language and action, but for those where it is the shipped text."""
    if tenant_id is None:
        return {}
    rows = newest(tenant_id).exclude(body="").only("language", "action", "subject", "body")
    return {(row.language, row.action): Wording(row.subject, row.body, row.pk) for row in rows}


def newest(tenant_id: uuid.UUID) -> Any:
    """The rows in use."""
    same = {name: OuterRef(name) for name in ("tenant_id", "language", "action")}
    later = MailTemplate.objects.filter(**same, version__gt=OuterRef("version"))
    return MailTemplate.objects.filter(~Exists(later), tenant_id=tenant_id)


def worded(wording: Wording, message: Message, context: dict[str, Any], subject: str) -> tuple[str, str, str]:
    """Subject, text and HTML, by the values of mailer.contents and the shipped subject. Raises TemplateTextError."""
    values = _values(message, context, subject)
    found = "".join(text for _name, text in filled(parse(wording.subject, IN_SUBJECTS), values))
    if not plain_line(found):
        raise TemplateTextError(gettext("The subject is empty."))
    pieces = list(filled(parse(wording.body, in_bodies(message.text_action)), values))
    text = "".join(f"\n\n{text}\n\n" if name in BLOCKS and text else text for name, text in pieces).strip()
    if not text:
        raise TemplateTextError(gettext("The text is empty."))
    context = context | {"places_answer": any(name == "answer" and text for name, text in pieces)}
    html = render_to_string("mail/_worded.html", context | {"rows": _rows(pieces)})
    return found, render_to_string("mail/_worded.txt", context | {"text": text}), html


def _values(message: Message, context: dict[str, Any], subject: str) -> dict[str, str]:
    brand, repeats = context["brand"], context.get("repeats")
    return {
        "subject": subject,
        "title": context["title"].text,
        "when": context["when"].text,
        "repeats": repeats.text if repeats else "",
        "occurrence": context["day"] if context["is_occurrence"] else "",
        "inviter": context["inviter"],
        "organizer": context["organizer_line"],
        "recipient": plain_line(message.receiver.name),
        "product": brand.name,
        "intro": render_to_string("mail/_intro_alone.txt", context),
        "support": brand.support_address,
        "details": render_to_string("mail/_details.txt", context).strip(),
        "answer": render_to_string("mail/_answer.txt", context).strip(),
        "event_link": context["event_link"],
        "ways_in": render_to_string("mail/_ways_in.txt", context).strip(),
    }


@dataclass(frozen=True)
class Row:
    """A shipped block, or a paragraph: pairs of a text and whether it is a link."""

    block: str = ""
    parts: tuple[tuple[str, bool], ...] = ()


def _rows(pieces: list[tuple[str, str]]) -> list[Row]:
    """Paragraphs end at blank lines and at blocks. NUL, which no text has, marks what is more than text."""
    marked = [(name, text) for name, text in pieces if name in BLOCKS | _LINKS and text]
    whole = "".join(f"\0{name}\0" if name in BLOCKS | _LINKS and text else text for name, text in pieces)
    rest = iter(marked)
    rows: list[Row] = []
    for paragraph in re.split(rf"\n[^\S\n]*\n|(\0(?:{'|'.join(sorted(BLOCKS))})\0)", whole):
        if paragraph is None or not paragraph.strip():
            continue
        if paragraph.strip("\0") in BLOCKS and paragraph.startswith("\0"):
            rows.append(Row(block=next(rest)[0]))
            continue
        parts = re.split(r"\0(\w+)\0", paragraph.strip("\n"))
        shown = [(next(rest)[1], True) if number % 2 else (part, False) for number, part in enumerate(parts)]
        rows.append(Row(parts=tuple(pair for pair in shown if pair[0])))
    return rows


def report(pk: uuid.UUID, error: Exception) -> None:
    """The row says what is wrong, for staff; the mail has gone with the shipped text."""
    told = f"{type(error).__name__}: {error}"
    logger.error("mail template %s cannot be used, the shipped text is sent: %s", pk, told)
    MailTemplate.objects.filter(pk=pk).exclude(last_error=told).update(last_error=told[:1000], failed_at=timezone.now())
