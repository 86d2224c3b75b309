"""What a module asks for: frames, deadlines, notes. `signaling/steps.py` carries it out, in the order given."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from activity.kind import Kind
from signaling.room import Participant

NORMAL = 1000  # the client does not come back by itself
RESTART = 1012  # it does, after five seconds, as the same participant
OVERLOAD = 1013  # likewise
STAFF: Literal["staff"] = "staff"
By = Participant | Literal["staff"] | None  # who did it; None is the site itself


@dataclass(frozen=True)
class Send:
    """A frame, serialized once for all `to`. Without `namespace` it is the module's own."""

    to: Sequence[Participant]
    payload: dict[str, Any]
    namespace: str = ""


@dataclass(frozen=True)
class Tell:
    """control's `joined` or `update` about somebody, complete with what every module says, as each receiver sees it."""

    to: Sequence[Participant]
    message: str
    about: Participant


@dataclass(frozen=True)
class Welcome:
    """join_success, with what every module says to this person."""

    to: Participant


@dataclass(frozen=True)
class Close:
    """Ends the sockets, after the frames before it."""

    to: Sequence[Participant]
    code: int = NORMAL


@dataclass(frozen=True)
class Keep:
    """Appends to the module's entries in this place, which `room.entries` reads. They go when the session ends."""

    data: dict[str, Any]
    place: uuid.UUID | None = None


@dataclass(frozen=True)
class Forget:
    """Deletes the module's entries in this place for which `data` holds."""

    place: uuid.UUID | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Arm:
    """At that time the module gets `Due(key)`, once, whatever process lives by then. A key has one deadline."""

    key: str
    at: datetime
    namespace: str = ""


@dataclass(frozen=True)
class Disarm:
    key: str
    namespace: str = ""


@dataclass(frozen=True)
class Ask:
    """Slow work with the outside, after the commit: `signaling/work/<namespace>.py` has a function of this name.

    The module gets `Answered` with what it returned.
    """

    work: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Signal:
    """From the command's socket to the media server, about a stream of `source`: the process of the socket does it."""

    action: str
    source: Participant
    kind: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HangUp:
    """The media server sends them nothing more and takes nothing from them; with `kind` only their stream of that."""

    to: Sequence[Participant]
    kind: str = ""


@dataclass(frozen=True)
class Record:
    """An activity of the room's log. `is_late`: what comes so often that nobody should wait for it to be logged."""

    kind: Kind
    by: By = None
    is_late: bool = False


@dataclass(frozen=True)
class Happened:
    """Every module may react to the event."""

    event: "Event"


Effect = Send | Tell | Welcome | Close | Keep | Forget | Arm | Disarm | Ask | Signal | HangUp | Record | Happened
Effects = Iterable[Effect]


# --- What modules may react to ---


@dataclass(frozen=True)
class Joined:
    who: Participant


@dataclass(frozen=True)
class Left:
    """`who.place` is where they were."""

    who: Participant
    reason: str


@dataclass(frozen=True)
class RoleChanged:
    who: Participant


@dataclass(frozen=True)
class HandChanged:
    who: Participant


@dataclass(frozen=True)
class Due:
    """Of one module alone, for the key that it armed."""

    key: str


@dataclass(frozen=True)
class Answered:
    """Of one module alone. `result` is what the work returned, `error` the code with which it failed."""

    work: str
    arguments: dict[str, Any]
    result: dict[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True)
class Changed:
    """Something was done to the room or its meeting elsewhere on the site: `room.info` is new."""


@dataclass(frozen=True)
class Ending:
    """The session ends with this step; nobody is left."""


Event = Joined | Left | RoleChanged | HandChanged | Due | Answered | Changed | Ending


# --- Shorter to write ---


def send(to: Participant | Sequence[Participant], message: str, /, **data: Any) -> Send:
    return Send(several(to), {"message": message, **data})


def error(to: Participant, code: str, /, **data: Any) -> Send:
    return Send([to], {"message": "error", "error": code, **data})


def several(people: Participant | Sequence[Participant]) -> Sequence[Participant]:
    return [people] if isinstance(people, Participant) else people
