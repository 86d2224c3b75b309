"""What staff do with the texts of mails: look at a draft, save it, go back to an older one or to the shipped text."""

import re
import uuid
from collections.abc import Collection, Iterator

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from activity.actors import Actor
from activity.audiences import Place
from activity.kinds import SetupUpdated
from activity.log import record
from mailer import wording
from mailer.branding import brand_of
from mailer.kinds import OF_MEETINGS
from mailer.mime import Mail
from mailer.models import MailTemplate
from mailer.preview import rendered
from mailer.protocol import EventMessage
from mailer.render import Shared, texts_of
from mailer.samples import SHAPES, sample
from mailer.template_text import TemplateTextError, parse
from mailer.wording import BLOCKS, IN_SUBJECTS, MOST_OF_A_BLOCK, Wording, in_bodies

LONGEST_SUBJECT, LONGEST_BODY = 300, 10_000
ACTIONS = tuple(dict.fromkeys(kind.action for kind in OF_MEETINGS.values()))
# What an action's text begins as in the editor: the shipped one.
SUBJECT = "{{ subject }}"
BODY = "{{ intro }}\n\n{{ details }}\n"
BODY_WITH_WAYS_IN = BODY + "\n{{ answer }}\n\n{{ ways_in }}\n\n{% if event_link %}{{ event_link }}{% endif %}\n"


class InvalidTemplateError(ValueError):
    """Cannot be saved; `errors` has the reason by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


class OutdatedTemplateError(Exception):
    """Somebody else has saved since the page was opened."""


def first_text(action: str) -> Wording:
    return Wording(SUBJECT, BODY_WITH_WAYS_IN if "ways_in" in in_bodies(action) else BODY)


def check(*, language: str, action: str, subject: str, body: str, tenant_id: uuid.UUID | None = None) -> None:
    """Raises InvalidTemplateError where it is not of the language, or gives no mail for one of the samples."""
    check_texts(action=action, subject=subject, body=body)
    draft, brand = Wording(subject, body), brand_of(tenant_id)
    for shape, message in samples(action, language):
        try:
            with translation.override(language):
                texts_of(message, language, timezone.now(), brand, draft)
        except TemplateTextError as error:
            told = gettext("For the sample “%(shape)s”: %(reason)s") % {"shape": shape, "reason": error}
            raise InvalidTemplateError({"body": told}) from error


def check_texts(*, action: str, subject: str, body: str) -> None:
    """Raises InvalidTemplateError where one is not of the language."""
    errors = {}
    for field, text, names, longest in (
        ("subject", subject, IN_SUBJECTS, LONGEST_SUBJECT),
        ("body", body, in_bodies(action), LONGEST_BODY),
    ):
        try:
            _check_text(text, names, longest)
            if field == "subject" and "\n" in text:
                raise TemplateTextError(gettext("The subject has one line."))
        except TemplateTextError as error:
            errors[field] = str(error)
    if errors:
        raise InvalidTemplateError(errors)


def _check_text(text: str, names: Collection[str], longest: int) -> None:
    if not text.strip():
        raise TemplateTextError(gettext("There is no text."))
    if len(text) > longest:
        raise TemplateTextError(gettext("More than %(longest)d characters.") % {"longest": longest})
    parse(text, names)
    for block in sorted(BLOCKS):
        if len(re.findall(rf"\{{\{{\s*{block}\s*\}}\}}", text)) > MOST_OF_A_BLOCK:
            told = gettext("“%(name)s” stands there more than %(most)d times.")
            raise TemplateTextError(told % {"name": block, "most": MOST_OF_A_BLOCK})


def samples(action: str, language: str) -> Iterator[tuple[str, EventMessage]]:
    """By shape, all messages that read this action's text: an update that cancels an occurrence is a cancellation."""
    for shape in SHAPES:
        for kind in OF_MEETINGS:
            message = sample(kind, shape, language)
            if message.text_action == action:
                yield shape, message


def draft_mail(
    message: EventMessage, *, language: str, subject: str, body: str, tenant_id: uuid.UUID | None = None
) -> Mail:
    """The message in the draft's words, its secrets hidden. Raises RenderError."""
    shared = Shared({(language, message.text_action): Wording(subject, body)})
    return rendered(message.without_secrets(), language, tenant_id=tenant_id, shared=shared)


def save_template(
    *, tenant_id: uuid.UUID, language: str, action: str, subject: str, body: str, base: int, actor: Actor
) -> MailTemplate:
    """A new version after `base`, the one that was read; empty texts go back to the shipped ones.

    Raises InvalidTemplateError or OutdatedTemplateError.
    """
    if subject or body:
        check(tenant_id=tenant_id, language=language, action=action, subject=subject, body=body)
    try:
        with transaction.atomic():
            return _added(tenant_id, language, action, subject, body, base, actor)
    except IntegrityError as error:
        raise OutdatedTemplateError from error  # two have saved at once


def _added(
    tenant_id: uuid.UUID, language: str, action: str, subject: str, body: str, base: int, actor: Actor
) -> MailTemplate:
    before = wording.newest(tenant_id).filter(language=language, action=action).first()
    if (before.version if before else 0) != base:
        raise OutdatedTemplateError
    row = MailTemplate.objects.create(
        tenant_id=tenant_id,
        language=language,
        action=action,
        version=base + 1,
        subject=subject,
        body=body,
        saved_by=str(actor.user or actor.name)[:255],
    )
    changes = {"subject": (before.subject if before else "", subject), "body": (before.body if before else "", body)}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    record(SetupUpdated(label=str(row)), actor=actor, subject=row, place=Place(tenant_id=tenant_id), changes=changes)
    return row
