"""What is kept of the mails that left: the bytes of each, for staff to look at, for MAIL_BODY_DAYS."""

import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, Policy
from html import escape
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from calendars.lines import plain_line, text_line
from mailer.kinds import InvalidMessageError, from_json, to_json
from mailer.mime import Mail, Written
from mailer.models import ENDED, MailAttempt, OutgoingMail
from mailer.protocol import HIDDEN
from mailer.ways_in import grouped
from site_settings.values import present

_FOLD = re.compile("\r?\n[ \t]")  # RFC 5545 3.1


def columns(mail: OutgoingMail, content: bytes) -> dict[str, Any]:
    """Of the attempt that sent it. Level 1 saves as much as any of what is base64, in a third of the time."""
    if not content:
        return {}
    return {"content": zlib.compress(content, 1), "secrets": _secrets(mail.message)}


def _secrets(data: dict[str, Any]) -> list[str]:
    """Every password, PIN and code in the message."""
    return sorted(set(_changed(data, to_json(from_json(data).without_secrets()))), key=len, reverse=True)


def _changed(old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name, value in old.items():
            yield from _changed(value, new.get(name))
    elif isinstance(old, list) and isinstance(new, list):
        for pair in zip(old, new, strict=False):
            yield from _changed(*pair)
    elif isinstance(old, str) and isinstance(new, str) and old != new:
        yield old


class _Kept(Mail):
    whole: EmailMessage

    def message(self, *, policy: Policy = SMTP) -> Written:  # type: ignore[override]
        return Written(self.whole.as_bytes())


def shown(attempt: MailAttempt) -> Mail | None:
    """The mail as it left, but for the secrets: staff look at mails, and are not invited. None when it is removed."""
    if attempt.content is None:
        return None
    whole = message_from_bytes(zlib.decompress(attempt.content), policy=SMTP)
    mail = _Kept(subject=str(whole["Subject"]), body="")
    mail.whole = whole
    for part in whole.walk():
        kind = part.get_content_type()
        if part.get_content_maintype() != "text" and kind != "application/ics":
            continue
        text = _hidden(part.get_content(), attempt.secrets, is_calendar=kind not in ("text/plain", "text/html"))
        del part["Content-Transfer-Encoding"]
        part.set_payload(text, "utf-8")
        if kind == "text/plain":
            mail.body = text
        elif not part.get_filename():
            mail.attach_alternative(text, kind)
    return mail


def _hidden(content: str | bytes, secrets: list[str], *, is_calendar: bool) -> str:
    """In a calendar object a line goes on in the next one, also within a secret."""
    text = content if isinstance(content, str) else content.decode()
    if is_calendar:
        text = _FOLD.sub("", text)
    for secret in secrets:
        for word in sorted(_spellings(secret), key=len, reverse=True):
            text = text.replace(word, HIDDEN)
    return text


def _spellings(secret: str) -> set[str]:
    """As texts, HTML, links and calendar objects write it."""
    plain = {secret, plain_line(secret), "".join(secret.split())}
    if secret.isdecimal():
        plain.add(grouped(secret))
    escaped = {text_line("", word)[1:] for word in plain}
    written = plain | escaped | {quote(word, safe=safe) for word in plain for safe in ("", "/", "+-.()*")}
    return {word for text in written for word in (text, escape(text), text_line("", escape(text))[1:])} - {""}


def prunable() -> QuerySet[OutgoingMail]:
    """Mails to which nothing has happened for MAIL_BODY_DAYS, and whose contents are still there."""
    before = timezone.now() - timedelta(days=present("MAIL_BODY_DAYS"))
    return OutgoingMail.objects.filter(state__in=ENDED, pruned_at=None, next_try_at__lt=before)


def prune(*, limit: int) -> int:
    """Removes what left, and the secrets of the messages; the mails can still be sent again, made anew."""
    return sum(_prune(mail) for mail in prunable().order_by("next_try_at")[:limit])


@transaction.atomic
def _prune(mail: OutgoingMail) -> int:
    try:
        message = to_json(from_json(mail.message).without_secrets())
    except InvalidMessageError:
        message = {}
    # Not where somebody has sent it again meanwhile.
    as_read = prunable().filter(pk=mail.pk, next_try_at=mail.next_try_at)
    count = as_read.update(message=message, pruned_at=timezone.now())
    if count:
        MailAttempt.objects.filter(mail=mail).update(content=None, secrets=[])
    return count
