"""Which states a mail can have, and what moves it from one to the other. docs/operations.md has this table in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from database.compiled import Rows
from mailer.models import OutgoingMail

State = OutgoingMail.State


class On(StrEnum):
    """What happens to a mail."""

    CLAIM = "claim"  # a worker takes it
    ACCEPTANCE = "acceptance"  # the other side has it
    REFUSAL = "refusal"  # for good
    DEFERRAL = "deferral"  # refused for now
    OUTAGE = "outage"  # the other side cannot be reached
    LAST_TRY = "last try"  # no try is left
    WITHHOLDING = "withholding"  # it must not go: the address is suppressed, or a quota is used up
    RELEASE = "release"  # the day whose quota was used up is over
    BOUNCE = "bounce"  # it came back
    ABORT = "abort"  # by staff
    RESEND = "resend"  # by staff


@dataclass(frozen=True)
class Move:
    sources: tuple[State, ...]
    target: State


MOVES = {
    # From `sending` when the claim has run out: the worker is taken for dead.
    On.CLAIM: Move((State.QUEUED, State.RETRY, State.SENDING), State.SENDING),
    On.ACCEPTANCE: Move((State.SENDING,), State.SENT),
    On.REFUSAL: Move((State.SENDING,), State.FAILED),
    On.DEFERRAL: Move((State.SENDING,), State.RETRY),
    On.OUTAGE: Move((State.SENDING,), State.RETRY),
    On.LAST_TRY: Move((State.SENDING,), State.FAILED),
    On.WITHHOLDING: Move((State.QUEUED, State.RETRY, State.SENDING), State.WITHHELD),
    On.RELEASE: Move((State.WITHHELD,), State.QUEUED),
    # An ESP may tell of it before the row says that the mail was sent.
    On.BOUNCE: Move((State.SENDING, State.RETRY, State.SENT), State.BOUNCED),
    # Not from `sending`: nobody can say then that it does not go.
    On.ABORT: Move((State.QUEUED, State.RETRY, State.WITHHELD), State.ABORTED),
    On.RESEND: Move(
        (State.RETRY, State.SENT, State.FAILED, State.BOUNCED, State.WITHHELD, State.ABORTED), State.QUEUED
    ),
}


def move(mails: QuerySet[OutgoingMail] | Rows, on: On, **columns: Any) -> int:
    """Moves those of the mails that are in a state in which this can happen, in one UPDATE; returns how many.

    `columns` are written with it.
    """
    step = MOVES[on]
    return mails.filter(state__in=step.sources).update(state=step.target, **columns)


def one(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(pk=mail.pk)
