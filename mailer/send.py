"""Sends what is due. A row is claimed by a conditional UPDATE, so that two workers never send it both.

A worker that dies after the server took the mail and before the row says so leaves a claim that runs out: that mail is
sent twice, with the same Message-ID; none is lost.
"""

import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from mailer.models import OutgoingMail
from mailer.transports import RefusedForNowError, Transport, UndeliverableError, UnreachableError, configured

logger = logging.getLogger(__name__)
State = OutgoingMail.State
BATCH_SIZE = 50


def deliver_due(*, limit: int | None = None, transport: Transport | None = None) -> int:
    """Sends every mail that is due, at most `limit`; returns how many were tried.

    Stops where the mail server cannot be reached: the others stay due, and the next run tries them.
    """
    transport = transport or configured()
    tried = 0
    try:
        for mail in _claimed(limit):
            tried += 1
            if not _deliver(mail, transport):
                break
    finally:
        transport.close()
    return tried


def due() -> Q:
    """Rows to be sent now: new ones, those whose pause is over, and those whose sender has died."""
    return Q(state__in=[State.QUEUED, State.RETRY, State.SENDING], next_try_at__lte=timezone.now())


def _claimed(limit: int | None) -> Iterator[OutgoingMail]:
    """Claims row by row, so that a slow server holds back one mail and not a batch."""
    claimed = 0
    while (
        waiting := OutgoingMail.objects.filter(due()).order_by("next_try_at").values_list("pk", flat=True)[:BATCH_SIZE]
    ):
        for pk in list(waiting):
            if limit is not None and claimed >= limit:
                return
            mail = claim(pk)
            if mail is not None:
                claimed += 1
                yield mail


def claim(pk: uuid.UUID) -> OutgoingMail | None:
    """The mail, now ours for MAIL_CLAIM_SECONDS; None when another worker was faster."""
    until = timezone.now() + timedelta(seconds=settings.MAIL_CLAIM_SECONDS)
    is_ours = OutgoingMail.objects.filter(due(), pk=pk).update(
        state=State.SENDING, attempts=F("attempts") + 1, next_try_at=until
    )
    return OutgoingMail.objects.get(pk=pk) if is_ours else None


def _deliver(mail: OutgoingMail, transport: Transport) -> bool:
    """False when the transport is of no use for further mails."""
    try:
        transport.deliver(mail)
    except UndeliverableError as error:
        _finish(mail, State.FAILED, str(error))
    except UnreachableError as error:
        _try_again(mail, str(error))
        return False
    except RefusedForNowError as error:
        _try_again(mail, str(error))
    except Exception as error:
        # An ESP's own exceptions: whatever went wrong, the row says it and the other mails go on.
        logger.exception("mail %s could not be sent", mail.pk)
        _try_again(mail, f"{type(error).__name__}: {error}")
    else:
        _finish(mail, State.SENT, "")
    return True


def _try_again(mail: OutgoingMail, error: str) -> None:
    if mail.attempts > len(OutgoingMail.DELAYS):
        _finish(mail, State.FAILED, error)
        return
    delay = OutgoingMail.DELAYS[mail.attempts - 1]
    logger.warning("mail %s failed (try %s), next in %s: %s", mail.pk, mail.attempts, delay, error)
    _save(mail, state=State.RETRY, next_try_at=timezone.now() + delay, last_error=error)


def _finish(mail: OutgoingMail, state: str, error: str) -> None:
    if state == State.FAILED:
        logger.error("mail %s to %s is given up: %s", mail.pk, mail.address, error)
    _save(mail, state=state, last_error=error, sent_at=timezone.now() if state == State.SENT else None)


def _save(mail: OutgoingMail, **fields: object) -> None:
    """Only while the claim is still ours: a worker that overslept must not overwrite its successor's result."""
    OutgoingMail.objects.filter(pk=mail.pk, state=State.SENDING, attempts=mail.attempts).update(
        subject=mail.subject, **fields
    )
