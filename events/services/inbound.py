"""Takes in a mail: stores it with its verdict and what follows from it, all in one transaction."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Place
from activity.log import record
from activity.mail_kinds import MailProcessedAgain
from calendars import answers
from calendars.answers import TooManyError, UnreadableError
from calendars.lines import plain_line, plain_text
from events.models import Event
from events.services import mail_answers
from events.services.events import locked
from invites.models import InboundMail
from mailer import inbound
from mailer.inbound import METHODS, Letter
from rest.errors import NotFound

logger = logging.getLogger(__name__)
Verdict = InboundMail.Verdict
MOST_RECIPIENTS = 20
# Kept only as far as they have a limit of their own.
_NOT_KEPT = frozenset({Verdict.TOO_LARGE})


def take_in_mail(*, data: bytes, source: str, recipients: Sequence[str] = ()) -> InboundMail:
    """What the mail says is done when this returns. `recipients` are the envelope's.

    The same bytes to the same recipients once more change nothing. Raises DatabaseError: then nothing was kept, and the
    mail has to be handed over again. A mail that the database does not take for what is in it is kept as failed.
    """
    recipients = sorted({plain_line(recipient)[:320] for recipient in recipients} - {""})[:MOST_RECIPIENTS]
    digest = hashlib.sha256(json.dumps(recipients).encode() + b"\n" + data).hexdigest()
    known = InboundMail.objects.filter(digest=digest).first()
    if known is not None:
        return known
    columns = {"source": source, "recipients": recipients, "digest": digest, "size": len(data), "content": data}
    try:
        letter = inbound.read(data, recipients=recipients, servers=settings.INBOUND_AUTHSERV_IDS)
        return _stored(InboundMail(**columns), letter)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:
        # Two doors at once: the first one's row counts.
        known = InboundMail.objects.filter(digest=digest).first()
        if known is None:
            logger.exception("a mail of %d bytes could not be processed", len(data))
        return known or _failed(InboundMail(**columns), error)


@transaction.atomic
def process_again(*, mail: InboundMail, actor: Actor) -> bool:
    """As if it came now; what it has done already is not done twice. False where its content is gone."""
    mail = InboundMail.objects.select_for_update().get(pk=mail.pk)
    if mail.content is None:
        return False
    data = bytes(mail.content)
    letter = inbound.read(data, recipients=mail.recipients, servers=settings.INBOUND_AUTHSERV_IDS)
    _process(mail, letter)
    place = Place(tenant_id=mail.tenant_id, event_id=mail.event_id)
    kind = MailProcessedAgain(address=mail.sender, verdict=mail.verdict)
    record(kind, actor=actor, subject=mail, place=place)
    return True


def prunable() -> QuerySet[InboundMail]:
    """Whose contents were kept for INBOUND_MAIL_DAYS."""
    before = timezone.now() - timedelta(days=settings.INBOUND_MAIL_DAYS)
    mails: QuerySet[InboundMail] = InboundMail.objects.filter(received_at__lt=before, content__isnull=False)
    return mails


def prune(*, limit: int) -> int:
    oldest = prunable().order_by("received_at").values("pk")[:limit]
    return InboundMail.objects.filter(pk__in=list(oldest.values_list("pk", flat=True))).update(content=None)


@transaction.atomic
def _stored(mail: InboundMail, letter: Letter) -> InboundMail:
    mail.verdict = Verdict.FAILED
    mail.save(force_insert=True)  # before all else: of two at once the second one stops here
    _process(mail, letter)
    return mail


@transaction.atomic
def _failed(mail: InboundMail, error: Exception) -> InboundMail:
    """Kept for staff, who process it again when the reason is gone."""
    mail.verdict, mail.error = Verdict.FAILED, plain_text(f"{type(error).__name__}: {error}")[:1000]
    mail.save(force_insert=True)
    return mail


def _process(mail: InboundMail, letter: Letter) -> None:
    mail.sender, mail.is_proven = letter.sender, letter.is_proven
    mail.subject, mail.message_id = letter.subject, letter.message_id
    mail.processed_at, mail.error, mail.answers = timezone.now(), "", []
    mail.verdict = _decide(mail, letter)
    if mail.verdict in _NOT_KEPT:
        mail.content = None
    mail.save()


def _decide(mail: InboundMail, letter: Letter) -> Verdict:
    """Fills what the row tells of the answers."""
    events = list(Event.objects.filter(reply_token__in=letter.tokens).order_by("pk")) if letter.tokens else []
    mail.event_id, mail.tenant_id = (events[0].pk, events[0].tenant_id) if events else (None, None)
    if letter.problem:
        return Verdict(letter.problem.value)
    if not events:
        return Verdict.UNKNOWN_ADDRESS if letter.tokens else Verdict.NO_ADDRESS
    try:
        told = _read(letter)
    except TooManyError:
        return Verdict.TOO_MANY
    except UnreadableError:
        return Verdict.UNREADABLE
    mail.method = told.method[:32]
    if told.method not in METHODS:
        return Verdict.NOT_AN_ANSWER
    return _follow(mail, letter, told, events) if letter.sender else Verdict.NO_SENDER


def _read(letter: Letter) -> answers.AnswerObject:
    part = letter.calendar
    if part is None:
        raise UnreadableError
    return answers.read(part.data, method=part.method, charset=part.charset)


def _follow(mail: InboundMail, letter: Letter, told: answers.AnswerObject, events: Sequence[Event]) -> Verdict:
    verdicts = []
    # All before the first is followed, which locks its organizer's mails, and in the order of all who lock several.
    found = [(answer, _event_of(answer.uid, events)) for answer in sorted(told.answers, key=attrgetter("uid"))]
    for answer, event in found:
        if event is None:
            verdict = Verdict.WRONG_MEETING
        else:
            mail.event_id = event.pk
            verdict = mail_answers.follow(event, told, answer, letter=letter, mail=mail)
        verdicts.append(verdict)
        mail.answers.append(mail_answers.as_json(answer, verdict))
    return min(verdicts, key=list(Verdict).index, default=Verdict.UNREADABLE)


def _event_of(uid: str, events: Sequence[Event]) -> Event | None:
    """Locked. The one of the address, or another part of its series: calendars may have kept the first part's."""
    found = next((event for event in events if event.uid == uid), None)
    if found is None and uid:
        found = Event.objects.filter(series__in=[event.series for event in events], uid=uid).first()
    try:
        return locked(found) if found else None
    except NotFound:
        return None
