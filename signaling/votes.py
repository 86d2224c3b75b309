"""A vote by name or by token: what is asked, who may answer and who has, and the count. The module is legal_vote."""

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from signaling.room import Participant

OPTIONS = ("yes", "no", "abstain")
STARTED, FINISHED, CANCELED, INVALID = "started", "finished", "canceled", "invalid"

TimeZone = Annotated[str, msgspec.Meta(max_length=150)]


class Parameters(msgspec.Struct, kw_only=True):
    kind: Literal["roll_call", "live_roll_call", "pseudonymous"]
    name: Annotated[str, msgspec.Meta(max_length=150)]
    subtitle: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    topic: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    allowed_participants: Annotated[list[uuid.UUID], msgspec.Meta(min_length=1)]
    enable_abstain: bool
    auto_close: bool
    create_pdf: bool
    duration: Annotated[int, msgspec.Meta(ge=5, le=366 * 86400)] | None = None  # seconds
    timezone: TimeZone | None = None


class Vote(msgspec.Struct, kw_only=True):
    id: uuid.UUID
    initiator: uuid.UUID
    started: datetime
    parameters: Parameters
    max_votes: int
    tokens: dict[uuid.UUID, str]  # by account; none once it has ended, so that nobody can tell whose is which
    used: set[str] = set()
    record: dict[str, str] = {}  # the option by participant, or by token where the vote is pseudonymous
    state: str = STARTED
    end: dict[str, Any] = {}  # what clients are told besides of one that ended

    @property
    def is_secret(self) -> bool:
        return self.parameters.kind == "pseudonymous"

    @property
    def is_complete(self) -> bool:
        return len(self.used) == len(self.tokens)

    @property
    def options(self) -> tuple[str, ...]:
        return OPTIONS if self.parameters.enable_abstain else OPTIONS[:2]

    def token_of(self, who: Participant) -> str | None:
        return self.tokens.get(who.user_id) if who.user_id else None

    def count(self, who: Participant, token: str, option: str) -> None:
        self.used.add(token)
        self.record[token if self.is_secret else str(who.id)] = option

    def tally(self) -> dict[str, Any]:
        """Sorted, so that tokens do not tell in which order people voted."""
        counts = Counter(self.record.values())
        return {option: counts[option] for option in self.options} | {
            "voting_record": dict(sorted(self.record.items()))
        }

    def inconsistency(self, protocol: Iterable[dict[str, Any]]) -> str:
        """Why its entries do not bear out the count, "" if they do."""
        votes = [entry for entry in protocol if entry["event"] == "voted" and str(entry["vote"]) == str(self.id)]
        options = Counter(entry["option"] for entry in votes)
        if options.keys() - set(self.options):
            return "abstain_disabled"
        is_borne_out = options == Counter(self.record.values()) and {entry["token"] for entry in votes} == self.used
        return "" if is_borne_out else "vote_count_inconsistent"

    def shown(self) -> dict[str, Any]:
        parameters = msgspec.structs.asdict(self.parameters)
        return {
            "legal_vote_id": self.id,
            "initiator_id": self.initiator,
            "start_time": self.started,
            "max_votes": self.max_votes,
        } | {name: value for name, value in parameters.items() if value is not None}

    def summary(self, who: Participant) -> dict[str, Any]:
        token = self.token_of(who)
        return self.shown() | {"state": self.state} | self.end | ({"token": token} if token else {})
