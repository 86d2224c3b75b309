"""A live room as its modules see it: plain values. Knows no socket, no database and no clock."""

import enum
import secrets
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


class Kind(enum.StrEnum):
    USER = "user"
    GUEST = "guest"
    SIP = "sip"
    RECORDER = "recorder"


class Role(enum.StrEnum):
    GUEST = "guest"
    USER = "user"
    MODERATOR = "moderator"


class Where(enum.StrEnum):
    """How far somebody got. NEW is never stored: who has only opened the socket is in no list."""

    NEW = "new"
    WAITING = "waiting"
    ACCEPTED = "accepted"  # still in the waiting room, and may enter
    JOINED = "joined"
    LEFT = "left"


class Participant(msgspec.Struct, kw_only=True):
    """Somebody of this session, also when gone. `place` is the breakout room, None the main one."""

    id: uuid.UUID
    kind: Kind
    role: Role
    where: Where = Where.NEW
    display_name: str = ""
    avatar_url: str = ""
    user_id: uuid.UUID | None = None
    invite_code_id: uuid.UUID | None = None
    is_owner: bool = False
    groups: tuple[str, ...] = ()
    place: uuid.UUID | None = None
    # Let in once: the waiting room is passed when coming back.
    is_admitted: bool = False
    is_banned: bool = False
    hand_is_up: bool = False
    hand_updated_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    # Where the client is, for staff; the socket, and the process that holds it.
    address: str = ""
    connection: uuid.UUID
    process: uuid.UUID

    @property
    def is_moderator(self) -> bool:
        return self.role == Role.MODERATOR

    @property
    def is_joined(self) -> bool:
        return self.where == Where.JOINED

    @property
    def is_waiting(self) -> bool:
        return self.where in (Where.WAITING, Where.ACCEPTED)

    @property
    def is_present(self) -> bool:
        return self.is_joined or self.is_waiting

    @property
    def is_hidden(self) -> bool:
        """In no list, and nobody is told of its coming and going."""
        return self.kind == Kind.RECORDER


@dataclass(frozen=True, kw_only=True)
class Info:
    """What other apps say about the room, read when somebody joins. `tariff` is the session's snapshot."""

    tariff: dict[str, Any]
    modules: frozenset[str] = frozenset()
    room: dict[str, Any] = field(default_factory=dict)
    password: str = ""
    event: dict[str, Any] | None = None
    # By namespace, what `about` of signaling/work/<namespace>.py read from settings and other apps.
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    fixed_names: bool = False  # people with an account come under their own name only

    def quota(self, name: str) -> int | None:
        value = self.tariff.get("quotas", {}).get(name)
        return value if isinstance(value, int) else None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a module wrote down by `Keep`, and when."""

    at: datetime
    data: dict[str, Any]


Place = uuid.UUID | None
Entries = Callable[[str, Place], Sequence[Entry]]


@dataclass(kw_only=True)
class Room:
    """What is changed here is saved when the step is over; who fails halfway has changed nothing."""

    id: uuid.UUID
    session: uuid.UUID
    now: datetime  # the one moment of the step, later than that of every step before
    info: Info
    has_waiting_room: bool = False
    allows_hands: bool = True
    started_at: datetime | None = None  # when the first person joined
    closes_at: datetime | None = None
    ended_at: datetime | None = None
    participants: dict[uuid.UUID, Participant] = field(default_factory=dict)
    deadlines: dict[str, datetime] = field(default_factory=dict)
    stored: dict[tuple[str, Place], str] = field(default_factory=dict)  # the modules' state as it was saved
    states: dict[tuple[str, Place], msgspec.Struct] = field(default_factory=dict)  # those that were asked for
    entries: Entries = lambda _namespace, _place: ()
    # A random number from 0 up to the one below; nothing else is left to chance but ids.
    chance: Callable[[int], int] = secrets.randbelow
    # What may be lost with the process, and costs no statement: last-seen times, who is speaking.
    memory: dict[Any, Any] = field(default_factory=dict)

    def state(self, kind: type[S], place: Place = None) -> S:
        """The module's own state in that place, which the module may change; new where nothing was saved."""
        key = (kind.__module__.rpartition(".")[2], place)
        if key not in self.states:
            saved = self.stored.get(key)
            self.states[key] = kind() if saved is None else msgspec.json.decode(saved, type=kind)
        return self.states[key]  # type: ignore[return-value]

    def places(self, kind: type[msgspec.Struct]) -> list[Place]:
        """Where the module keeps something, the main room included."""
        namespace = kind.__module__.rpartition(".")[2]
        found = {place for owner, place in self.stored.keys() | self.states.keys() if owner == namespace}
        return sorted(found, key=lambda place: str(place or ""))

    def find(self, participant_id: uuid.UUID) -> Participant | None:
        """Somebody who is joined, and whom others see."""
        found = self.participants.get(participant_id)
        return found if found and found.is_joined and not found.is_hidden else None

    def is_banned(self, who: Participant) -> bool:
        """By the account: whoever has none cannot be told from others."""
        return who.user_id is not None and any(
            person.is_banned and person.user_id == who.user_id for person in self.participants.values()
        )

    def everyone(self) -> list[Participant]:
        """Who is joined, in all places."""
        return [person for person in self.participants.values() if person.where == Where.JOINED]

    def here(self, who: Participant) -> list[Participant]:
        """Who is joined in the same place, with the person."""
        return [person for person in self.everyone() if person.place == who.place]

    def at(self, place: Place) -> list[Participant]:
        return [person for person in self.everyone() if person.place == place]

    def others(self, who: Participant) -> list[Participant]:
        """`here` without the person."""
        return [person for person in self.here(who) if person.id != who.id]

    def moderators(self) -> list[Participant]:
        return [person for person in self.everyone() if person.is_moderator]

    def waiting(self) -> list[Participant]:
        return [person for person in self.participants.values() if person.is_waiting]

    def present(self) -> list[Participant]:
        return [person for person in self.participants.values() if person.is_present]


def visible(people: Iterable[Participant]) -> list[Participant]:
    return [person for person in people if not person.is_hidden]
