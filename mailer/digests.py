"""A kind of our own: to whoever planned meetings, the answers that came in since the last mail of this kind."""

import uuid
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from mailer.messages import Message, PartStat, Person, RegisteredUser, Time
from mailer.protocol import HIDDEN, Schedule


class Answer(Struct, frozen=True, kw_only=True):
    """`invited_address` where it is another one, "" also of somebody who is not invited.

    `occurrence` is the original start of the one that it is about.
    """

    name: str
    address: str
    invited_address: str = ""
    is_invited: bool = True
    answer: PartStat
    comment: str = ""
    occurrence: Time | None = None
    proposal: Schedule | None = None
    proposal_url: str = ""  # where it is decided; "" once it is


class Answered(Struct, frozen=True, kw_only=True):
    """A meeting; `counts` are of all who are invited, by answer to the whole."""

    id: uuid.UUID
    title: str
    schedule: Schedule | None = None  # of a series that of its first occurrence
    is_series: bool = False
    answers: list[Answer]
    more: int = 0  # answers that are not listed
    counts: dict[PartStat, int]


class AnswersDigest(Message, frozen=True, kw_only=True, tag="answers_digest"):
    action = "answers"
    reader: RegisteredUser
    meetings: list[Answered]
    more: int = 0  # meetings that are not listed
    unsubscribe_url: str = ""

    @property
    def receiver(self) -> Person:
        return self.reader

    def without_secrets(self) -> Self:
        meetings = [replace(one, answers=[_without_link(answer) for answer in one.answers]) for one in self.meetings]
        return replace(self, meetings=meetings, unsubscribe_url=HIDDEN)

    def shared(self) -> Any:
        """No two people have the same."""
        return self


def _without_link(answer: Answer) -> Answer:
    return replace(answer, proposal_url=HIDDEN if answer.proposal_url else "")
