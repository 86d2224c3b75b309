"""A kind of our own that is about no meeting: what the owner of a callback address is told of it."""

from typing import Literal

from mailer.messages import ExternalUser, Message, Person

# One was given up, all are refused, or the address was switched off: for that reason.
What = Literal["given_up", "refused", "gone", "failing", "staff"]


class CallbackNotice(Message, frozen=True, kw_only=True, tag="callback_notice"):
    action = "callback"
    owner: ExternalUser
    what: What
    host: str
    url: str  # without its query, in which people put secrets
    error: str = ""
    count: int = 0  # callbacks that wait no longer

    @property
    def receiver(self) -> Person:
        return self.owner


KINDS: tuple[type[Message], ...] = (CallbackNotice,)
