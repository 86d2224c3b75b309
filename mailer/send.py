"""Sends what is due. A row is claimed by a conditional UPDATE, so that two workers never send it both.

A worker that dies after the server took the mail and before the row says so leaves a claim that runs out: that mail is
sent twice, with the same Message-ID; none is lost.
"""

import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BigAutoField, DateTimeField, PositiveSmallIntegerField, Q, UUIDField
from django.utils import timezone

from database.commits import do_not_wait_for_disk
from database.compiled import Compiled, Parameter, Rows
from mailer import domains, kept, quota
from mailer.errors import BrokenLineError, RefusedForNowError, UndeliverableError, UnreachableError
from mailer.ledger import MOVES, On, move
from mailer.models import MailAttempt, OutgoingMail
from mailer.suppression import suppression_of
from mailer.transports import Transport, configured
from site_settings.values import present

logger = logging.getLogger(__name__)
State = OutgoingMail.State
Outcome = MailAttempt.Outcome
BATCH_SIZE = 50
# Before a mail that met a server out of reach is tried again: no try is used up, so it need not grow.
OUTAGE_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True)
class Claim:
    """A mail that is ours until `mail.next_try_at`, and the row of this try."""

    mail: OutgoingMail
    attempt: MailAttempt
    was_held: bool  # the domain refused the last mail

    @property
    def row(self) -> Rows:
        """Empty once the claim has run out and another worker has the mail."""
        return _CLAIMED.given(id=self.mail.pk, until=self.mail.next_try_at)

    @transaction.atomic
    def end(
        self,
        on: On,
        outcome: Outcome,
        error: str = "",
        *,
        code: int | None = None,
        kept: dict[str, Any] | None = None,
        **columns: Any,
    ) -> None:
        """What became of it; `kept` are columns of the attempt.

        A worker that overslept leaves its successor's result, and completes its own attempt.
        """
        move(self.row, on, subject=self.mail.subject, last_error=error, **columns)
        _ATTEMPT.given(id=self.attempt.pk).update(
            ended_at=timezone.now(),
            outcome=outcome,
            error=error,
            smtp_code=code,
            esp_message_id=self.mail.esp_message_id,
            **(kept or {}),
        )


def deliver_due(*, limit: int | None = None, transport: Transport | None = None) -> int:
    """Sends every mail that is due, at most `limit`; returns how many were tried.

    Stops where the mail server cannot be reached: the others stay due, and the next run tries them.
    """
    transport = transport or configured()
    tried = 0
    try:
        for claimed in _claimed(limit):
            tried += 1
            if not _deliver(claimed, transport):
                break
    finally:
        transport.close()
    return tried


def due(now: datetime | Parameter | None = None) -> Q:
    """Rows to be sent now: new ones, those whose pause is over, and those whose sender has died."""
    now = now or timezone.now()
    return Q(state__in=MOVES[On.CLAIM].sources, next_try_at__lte=now) & ~Q(domain__in=domains.held(now))


# What is asked of the database for each mail.
_AS_READ = Compiled(
    OutgoingMail.objects.filter(
        due(Parameter("now", DateTimeField())),
        pk=Parameter("id", UUIDField()),
        next_try_at=Parameter("next_try_at", DateTimeField()),
        attempts=Parameter("attempts", PositiveSmallIntegerField()),
    )
)
_CLAIMED = Compiled(
    OutgoingMail.objects.filter(pk=Parameter("id", UUIDField()), next_try_at=Parameter("until", DateTimeField()))
)
_ATTEMPT = Compiled(MailAttempt.objects.filter(pk=Parameter("id", BigAutoField())))


def _claimed(limit: int | None) -> Iterator[Claim]:
    """Claims row by row, so that a slow server holds back one mail and not a batch.

    Ends with a batch of which nothing could be claimed: reading it again would be no different.
    """
    count, before = 0, -1
    while count > before:
        before = count
        for mail in _batch():
            if limit is not None and count >= limit:
                return
            claimed = claim(mail)
            if claimed is not None:
                count += 1
                yield claimed


def _batch() -> list[OutgoingMail]:
    rows = OutgoingMail.objects.filter(due()).annotate(was_held=domains.was_held())
    return list(rows.order_by("next_try_at")[:BATCH_SIZE])


@transaction.atomic
def claim(mail: OutgoingMail) -> Claim | None:
    """The mail as it was read, now ours for MAIL_CLAIM_SECONDS; None when it was claimed or changed since."""
    now = timezone.now()
    as_read = _AS_READ.given(id=mail.pk, next_try_at=mail.next_try_at, attempts=mail.attempts, now=now)
    until = now + timedelta(seconds=settings.MAIL_CLAIM_SECONDS)
    if mail.state == State.SENDING and mail.attempts > len(OutgoingMail.DELAYS):
        move(as_read, On.LAST_TRY, last_error="Each worker that had it died.")
        return None
    if not move(as_read, On.CLAIM, attempts=mail.attempts + 1, next_try_at=until):
        return None
    # A claim that a crash loses is a mail that is sent again, as after a crash before the result is stored.
    do_not_wait_for_disk()
    mail.state, mail.attempts, mail.next_try_at = State.SENDING, mail.attempts + 1, until
    worker = f"{socket.gethostname()}:{os.getpid()}"
    attempt = MailAttempt.objects.create(mail=mail, started_at=now, worker=worker)
    return Claim(mail, attempt, was_held=getattr(mail, "was_held", False))


def _deliver(claimed: Claim, transport: Transport) -> bool:
    """False when the transport is of no use for further mails."""
    mail = claimed.mail
    if _is_withheld(claimed):
        return True
    try:
        content = transport.deliver(mail)
    except UndeliverableError as error:
        logger.error("mail %s to %s is given up: %s", mail.pk, mail.address, error)
        claimed.end(On.REFUSAL, Outcome.REFUSED, str(error), code=error.code)
    except UnreachableError as error:
        _wait_for_server(claimed, error)
        return False
    except RefusedForNowError as error:
        _try_again(claimed, str(error), error)
        return not (isinstance(error, BrokenLineError) and error.is_hanging)
    except Exception as error:
        # An ESP's own exceptions: whatever went wrong, the row says it and the other mails go on.
        logger.exception("mail %s could not be sent", mail.pk)
        _try_again(claimed, f"{type(error).__name__}: {error}", None)
    else:
        claimed.end(On.ACCEPTANCE, Outcome.SENT, kept=kept.columns(mail, content), sent_at=timezone.now())
        if claimed.was_held:
            domains.release(mail.domain)
    return True


def _is_withheld(claimed: Claim) -> bool:
    """Decided now and not when it was queued: what was lifted since goes, and what was suppressed since does not."""
    mail = claimed.mail
    row = suppression_of(mail.address)
    if row is not None:
        text = f"The address is suppressed since {row.since:%Y-%m-%d %H:%M} UTC: {row.reason}"
        claimed.end(On.WITHHOLDING, Outcome.WITHHELD, text, withheld_for=OutgoingMail.Withheld.SUPPRESSED)
        return True
    limit = present("MAIL_TENANT_DAILY_QUOTA")
    if not limit or quota.take(mail):
        return False
    text = f"The tenant's quota of {limit} mails on a day is used up"
    until = quota.next_day()
    claimed.end(
        On.WITHHOLDING, Outcome.WITHHELD, text, withheld_for=OutgoingMail.Withheld.QUOTA, attempts=0, next_try_at=until
    )
    return True


def release_due() -> int:
    """Queues what yesterday's quota held back; returns how many."""
    held = OutgoingMail.objects.filter(withheld_for=OutgoingMail.Withheld.QUOTA, next_try_at__lte=timezone.now())
    return move(held, On.RELEASE, withheld_for="")


def _wait_for_server(claimed: Claim, error: UnreachableError) -> None:
    """Uses up no try, and of the attempts the last one is kept: a server may be away for days."""
    tries = MailAttempt.objects.filter(mail=claimed.mail, outcome=Outcome.UNREACHABLE)
    next_try_at = timezone.now() + OUTAGE_PAUSE
    logger.warning("mail %s waits, the server is out of reach: %s", claimed.mail.pk, error)
    tries.delete()
    attempts = claimed.mail.attempts - 1
    claimed.end(On.OUTAGE, Outcome.UNREACHABLE, str(error), code=error.code, attempts=attempts, next_try_at=next_try_at)


def _try_again(claimed: Claim, text: str, error: RefusedForNowError | None) -> None:
    mail, code = claimed.mail, error.code if error else None
    if error is not None and error.is_throttled:
        domains.hold(mail.domain, text)
    if mail.attempts > len(OutgoingMail.DELAYS):
        logger.error("mail %s to %s is given up: %s", mail.pk, mail.address, text)
        claimed.end(On.LAST_TRY, Outcome.DEFERRED, text, code=code)
        return
    delay = OutgoingMail.DELAYS[mail.attempts - 1]
    logger.warning("mail %s failed (try %s), next in %s: %s", mail.pk, mail.attempts, delay, text)
    claimed.end(On.DEFERRAL, Outcome.DEFERRED, text, code=code, next_try_at=timezone.now() + delay)
