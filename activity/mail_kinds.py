"""Activities of mails: what staff do with them, and who gets none. kinds.py says what all kinds share."""

from dataclasses import dataclass

from activity.audiences import nobody
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class MailResent(Kind):
    """Staff sent a mail once more."""

    name = "mail.resent"
    audience = nobody
    address: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class MailAborted(Kind):
    """Staff aborted a mail before it was sent."""

    name = "mail.aborted"
    audience = nobody
    address: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class AddressSuppressed(Kind):
    """An address gets no mail from now on; `reason` is that of mailer.models.SuppressedAddress."""

    name = "mail.address_suppressed"
    audience = nobody
    address: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SuppressionLifted(Kind):
    """Staff let an address have mails again."""

    name = "mail.suppression_lifted"
    audience = nobody
    address: str


@dataclass(frozen=True, kw_only=True)
class DomainReleased(Kind):
    """Staff let mails go at once to a domain that had refused some for now."""

    name = "mail.domain_released"
    audience = nobody
    domain: str


@dataclass(frozen=True, kw_only=True)
class MailProcessedAgain(Kind):
    """Staff let a mail that came in count once more; `verdict` is the new one, `address` the sender's."""

    name = "mail.processed_again"
    audience = nobody
    address: str
    verdict: str
