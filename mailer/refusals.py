"""Kinds of our own: to whoever proposed another time, that it stays as it is (RFC 5546 3.2.8)."""

from mailer.messages import ExternalUser, RegisteredUser, UnregisteredUser
from mailer.protocol import DateException, EventMessage, Schedule


class Refusal(EventMessage, frozen=True, kw_only=True):
    """`event_exception` is the occurrence that was to be moved, as it is. The invitation told the ways in."""

    action = "refusal"
    method = "DECLINECOUNTER"
    event_exception: DateException | None = None
    proposed: Schedule | None = None
    comment: str = ""

    @property
    def is_gone(self) -> bool:
        return False


class RegisteredEventRefusal(Refusal, frozen=True, kw_only=True, tag="registered_event_refusal"):
    invitee: RegisteredUser


class UnregisteredEventRefusal(Refusal, frozen=True, kw_only=True, tag="unregistered_event_refusal"):
    invitee: UnregisteredUser


class ExternalEventRefusal(Refusal, frozen=True, kw_only=True, tag="external_event_refusal"):
    """Also to somebody whom the invitation was forwarded to."""

    invitee: ExternalUser


KINDS: tuple[type[Refusal], ...] = (RegisteredEventRefusal, UnregisteredEventRefusal, ExternalEventRefusal)
