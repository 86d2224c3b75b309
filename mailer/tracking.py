"""What an ESP tells of a mail afterwards: delivered, bounced, complained. Said twice or late, it does no harm."""

import logging
import re
import uuid
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from mailer.ledger import On, move, one
from mailer.models import MailAttempt, OutgoingMail, SuppressedAddress
from mailer.suppression import suppress

logger = logging.getLogger(__name__)
Reason = SuppressedAddress.Reason
_LOST = (EventType.BOUNCED, EventType.REJECTED, EventType.FAILED)
_SUPPRESSED_FOR = {
    RejectReason.BOUNCED: Reason.BOUNCED,
    RejectReason.INVALID: Reason.BOUNCED,
    RejectReason.SPAM: Reason.COMPLAINED,
    RejectReason.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
}
# Some ESPs tell of bounces for now as of the others. The words are those of SES (bounceType) and Postmark (Type).
_FOR_NOW = ("Transient", "Undetermined", "SoftBounce")
# RFC 3463: for now, a full mailbox, a policy. The address is good.
_NOT_THE_ADDRESS = re.compile(r"(?<![\d.])(?:4\.\d{1,3}\.\d{1,3}|5\.2\.2|5\.7\.\d{1,3})(?![\d.]*\d)")


@transaction.atomic
def receive(event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    """For anymail.signals.tracking."""
    attempt = _attempt_of(event)
    mail = attempt.mail if attempt else _mail_of(event)
    if mail is None:
        logger.info("%s told of a mail that is not known: %s %s", esp_name, event.event_type, event.message_id)
        return
    # Of a try before the last one: the mail was sent again since, and what becomes of that is not said.
    is_current = attempt is None or not mail.tries.filter(pk__gt=attempt.pk).exists()
    at = event.timestamp or timezone.now()
    text = " ".join(str(part) for part in (event.description, event.mta_response) if part)
    if event.event_type == EventType.DELIVERED and is_current:
        one(mail).filter(state__in=["sending", "retry", "sent"], delivered_at=None).update(delivered_at=at)
    if event.event_type in _LOST and is_current:
        move(one(mail), On.BOUNCE, last_error=text or event.event_type)
    reason = _reason(event)
    if reason:
        suppress(address=mail.address, reason=reason, actor=Actor.by_service(esp_name), detail=text, at=at)


def _reason(event: AnymailTrackingEvent) -> str | None:
    """Why the address is to get no more mails, if it is not."""
    if event.event_type == EventType.COMPLAINED:
        return Reason.COMPLAINED
    if event.event_type == EventType.UNSUBSCRIBED:
        return Reason.UNSUBSCRIBED
    if event.event_type not in _LOST:
        return None
    raw = event.esp_event if isinstance(event.esp_event, dict) else {}
    bounce = raw.get("bounce")
    kind = bounce.get("bounceType") if isinstance(bounce, dict) else raw.get("Type")
    if kind in _FOR_NOW or _NOT_THE_ADDRESS.search(str(event.mta_response or "")):
        return None
    return _SUPPRESSED_FOR.get(event.reject_reason)


def _attempt_of(event: AnymailTrackingEvent) -> MailAttempt | None:
    if not event.message_id:
        return None
    attempts = MailAttempt.objects.filter(esp_message_id=event.message_id).select_related("mail")
    return attempts.order_by("pk").last()


def _mail_of(event: AnymailTrackingEvent) -> OutgoingMail | None:
    """By the metadata that went with it: the ESP may be faster than the worker that has to write the id down."""
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    try:
        pk = uuid.UUID(str(metadata.get("mail")))
    except ValueError:
        return None
    return OutgoingMail.objects.filter(pk=pk).first()
