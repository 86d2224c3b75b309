"""A room without sockets and database, to see what a command sends to whom. Names stand for participants.

    stage = Stage(alice="moderator", bob="user", gus="guest")
    frames = stage.send("bob", "control", "raise_hand")
    assert frames == {"bob": [("control", {"message": "hand_raised"})], "alice": [("control", {...})], ...}

Chance counts: the first number drawn is 0, then 1, and so on, each modulo what it has to be below.
After each step the room is as a process reads it anew from the database. People's ids are in `stage.ids`; `waiting=…`
and `left=…` name who is not in the room.
"""

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from signaling import presence, steps
from signaling.commands import Command
from signaling.effects import Answered, Ask, Event, Happened, Record, Signal
from signaling.frames import Envelope, command_of
from signaling.room import Entry, Info, Kind, Participant, Place, Role, Room, Where
from users.tariffs import MODULES

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PROCESS = uuid.UUID(int=1)

Frame = tuple[str, dict[str, Any]]
Frames = dict[str, list[Frame]]


class Stage:
    """Each keyword is a name with a role; everybody with it is joined since NOW."""

    def __init__(
        self,
        *,
        quotas: dict[str, int] | None = None,
        about: dict[str, dict[str, Any]] | None = None,
        **people: str,
    ) -> None:
        names = list(MODULES)
        self.ids: dict[str, uuid.UUID] = {}
        self.kept: list[tuple[str, Place, Entry]] = []
        self.records: list[Record] = []
        self.asked: list[tuple[str, Ask]] = []
        self.closed: dict[str, int] = {}
        self.signals: list[Signal] = []  # of the last step, as are the streams that end
        self.hung_up: dict[str, str] = {}
        self.room = Room(
            id=uuid.UUID(int=2),
            session=uuid.UUID(int=3),
            now=NOW,
            info=Info(
                tariff={
                    "id": str(uuid.UUID(int=4)),
                    "name": "Free",
                    "quotas": quotas or {},
                    "modules": {name: {"features": []} for name in names},
                },
                modules=frozenset(names),
                room={"id": uuid.UUID(int=2)},
                about=about or {},
            ),
            entries=lambda namespace, place: [
                entry for owner, where, entry in self.kept if (owner, where) == (namespace, place)
            ],
        )
        numbers = itertools.count()
        self.room.chance = lambda below: next(numbers) % below
        for name, role in people.items():
            self.add(name, role)

    def add(self, name: str, role: str = "user", **fields: Any) -> Participant:
        """Somebody who is in the room, or elsewhere by `where`; a role of "owner" is the room's."""
        person = self.comer(name, role, **{"joined_at": NOW, "hand_updated_at": NOW, "where": Where.JOINED} | fields)
        self.room.participants[person.id] = person
        self.room.started_at = self.room.started_at or NOW
        return person

    def comer(self, name: str, role: str = "user", **fields: Any) -> Participant:
        """Somebody at the door."""
        number = len(self.ids) + 10
        self.ids.setdefault(name, uuid.UUID(int=number))
        kind = fields.pop("kind", Kind.GUEST if role == "guest" else Kind.USER)
        return Participant(
            id=self.ids[name],
            kind=Kind(kind),
            role=Role.MODERATOR if role == "owner" else Role(role),
            **{
                "display_name": name.title(),
                "is_owner": role == "owner",
                "user_id": uuid.uuid5(PROCESS, name) if kind == Kind.USER else None,
                "connection": uuid.uuid4(),
                "process": PROCESS,
            }
            | fields,
        )

    def who(self, name: str) -> Participant:
        return self.room.participants[self.ids[name]]

    def send(self, name: str | Participant, namespace: str, action: str, /, **payload: Any) -> Frames:
        """What everybody gets when `name` sends the command."""
        who = name if isinstance(name, Participant) else self.who(name)
        raw = msgspec.json.encode({"action": action, **payload})
        return self.give(who, namespace, command_of(Envelope(namespace, msgspec.Raw(raw))))

    def give(self, name: str | Participant, namespace: str, command: Command) -> Frames:
        """What everybody gets for a command that came in another form."""
        who = name if isinstance(name, Participant) else self.who(name)
        self.tick()
        return self._seen(steps.command(self.room, who, namespace, command), who)

    def leave(self, name: str, reason: str = "quit") -> Frames:
        self.tick()
        return self._seen(steps.depart(self.room, [self.who(name).connection], reason))

    def join(self, name: str, role: str = "user", **fields: Any) -> Frames:
        comer = self.comer(name, role, **fields)
        return self.send(comer, "control", "join", display_name=comer.display_name)

    def wait(self, seconds: float) -> Frames:
        """Time passes, and what was armed by then comes due."""
        self.tick(seconds)
        return self._seen(steps.due(self.room))

    def answer(self, result: dict[str, Any] | None = None, *, error: str = "") -> Frames:
        """The outside answers what was asked first."""
        namespace, ask = self.asked.pop(0)
        self.tick()
        answered = Answered(ask.work, ask.arguments, result=result, error=error)
        return self._seen(steps.answered(self.room, namespace, answered))

    def hear(self, event: Event) -> Frames:
        """What everybody gets when something happened elsewhere."""
        return self.perform([Happened(event)])

    def perform(self, effects: Any, namespace: str = "control") -> Frames:
        """What `effects` of a module send."""
        self.tick()
        return self._seen(steps.perform(self.room, effects, namespace))

    def described(self, name: str, viewer: str) -> dict[str, Any]:
        """The participant object of `name` as `viewer` gets it."""
        seen = steps.described(self.room, self.who(name), self.who(viewer))
        return plain(seen)

    def control(self, name: str) -> dict[str, Any]:
        return plain(presence.control_of(self.who(name)))

    def tick(self, seconds: float = 1) -> None:
        self.room.now += timedelta(seconds=seconds)
        self.closed, self.hung_up = {}, {}

    def _seen(self, outcome: steps.Outcome, comer: Participant | None = None) -> Frames:
        names = {self.room.participants[key].connection: name for name, key in self.ids.items() if self._knows(key)}
        if comer is not None:
            names.setdefault(comer.connection, next(name for name, key in self.ids.items() if key == comer.id))
        frames: Frames = {}
        for delivery in outcome.deliveries:
            for connection in delivery.to:
                if delivery.code:
                    self.closed[names[connection]] = delivery.code
                    continue
                if delivery.hang_up:
                    self.hung_up[names[connection]] = delivery.hang_up
                    continue
                envelope = msgspec.json.decode(delivery.text)
                assert envelope["timestamp"] == text(self.room.now)
                frames.setdefault(names[connection], []).append((envelope["namespace"], envelope["payload"]))
        self.store(outcome)
        return frames

    def _knows(self, key: uuid.UUID) -> bool:
        return key in self.room.participants

    def store(self, outcome: steps.Outcome) -> None:
        for note in outcome.notes:
            data = plain(note.data)
            if note.is_forgotten:
                self.kept = [
                    (owner, place, entry)
                    for owner, place, entry in self.kept
                    if (owner, place) != (note.namespace, note.place) or not data.items() <= entry.data.items()
                ]
            else:
                self.kept.append((note.namespace, note.place, Entry(at=self.room.now, data=data)))
        for key, state in self.room.states.items():
            self.room.stored[key] = msgspec.json.encode(state).decode()
        self.room.states.clear()
        self.records.extend(outcome.records)
        self.asked.extend(outcome.asked)
        self.signals = outcome.signals


def plain(value: Any) -> Any:
    """As it is read from JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


def text(moment: datetime) -> str:
    return str(plain(moment))
