"""One step of a room: a command, or something that happened, and all that follows from it. Plain, no database.

Modules answer with effects; here they become frames for sockets, and notes of what is to be saved.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from signaling import presence
from signaling.commands import Command, ModeratorCommand
from signaling.effects import (
    STAFF,
    Answered,
    Arm,
    Ask,
    By,
    Changed,
    Close,
    Disarm,
    Due,
    Effects,
    Forget,
    HangUp,
    Happened,
    Keep,
    Record,
    Send,
    Signal,
    Tell,
    Welcome,
    error,
)
from signaling.frames import frame
from signaling.modules import MODULES, Module
from signaling.room import Participant, Room, visible

# A step of a room of some hundred people causes a few effects for each; one that feeds itself is a bug.
EFFECTS = 100_000


class Delivery(msgspec.Struct, frozen=True):
    """A frame for these sockets, or the code to close them with, or the streams to end: of a kind, or "all"."""

    to: list[uuid.UUID]
    text: str = ""
    code: int = 0
    hang_up: str = ""


@dataclass(frozen=True)
class Note:
    """An entry to write, or with `is_forgotten` those to delete."""

    namespace: str
    place: uuid.UUID | None
    data: dict[str, Any]
    is_forgotten: bool = False


@dataclass
class Outcome:
    deliveries: list[Delivery] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    asked: list[tuple[str, Ask]] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)


def command(room: Room, comer: Participant, namespace: str, given: Command) -> Outcome:
    """What somebody at a socket wants. `comer` is who they were when the socket opened."""
    who = speaker(room, comer)
    module = MODULES[namespace]
    if not who.is_joined and namespace != "control":
        return Outcome()
    if not module.is_on(room):
        return perform(room, [error(who, "invalid_namespace")], "control")
    if isinstance(given, ModeratorCommand) and who.is_joined and not who.is_moderator:
        return perform(room, [error(who, "insufficient_permissions")], namespace)
    return perform(room, module.handle(room, who, given), namespace)


def speaker(room: Room, comer: Participant) -> Participant:
    """The participant as the room knows them; who has not joined by this socket is new to it."""
    known = room.participants.get(comer.id)
    if known is None or known.connection == comer.connection:
        return known or comer
    comer.role, comer.is_admitted = known.role, known.is_admitted
    return comer


def arrive(room: Room, comer: Participant) -> Outcome:
    """Somebody opened a socket with an earlier participant's id: the old socket gives way."""
    known = room.participants.get(comer.id)
    if known is None or not known.is_present or known.connection == comer.connection:
        return Outcome()
    return perform(room, [Close([known]), *presence.leave(room, known, "quit")], "control")


def depart(room: Room, connections: Iterable[uuid.UUID], reason: str) -> Outcome:
    """Sockets are gone; who came back by another one stays."""
    gone = set(connections)
    people = [person for person in room.present() if person.connection in gone]
    return perform(room, presence.leave(room, people, reason), "control")


def expel(room: Room, is_meant: Callable[[Participant], bool], by: By = None) -> Outcome:
    """Not as a moderator would: who is removed is told, and is out."""
    people = [person for person in room.present() if is_meant(person)]
    if not people:
        return Outcome()
    return perform(room, presence.remove(room, people, "kicked", by=by, last_words=_kicked(people)), "moderation")


def end(room: Room) -> Outcome:
    """By staff. Clients know no better word for it."""
    return perform(room, presence.end(room, by=STAFF, last_words=_kicked(room.present())), "moderation")


def _kicked(people: Sequence[Participant]) -> Send:
    return Send(people, {"message": "kicked"}, "moderation")


def due(room: Room) -> Outcome:
    """The deadlines that have passed by `room.now`. Whoever comes first takes them away."""
    passed = sorted((at, key) for key, at in room.deadlines.items() if at <= room.now)
    outcome = Outcome()
    for _at, key in passed:
        if room.deadlines.pop(key, None) is not None:
            namespace, _colon, own_key = key.partition(":")
            perform(room, MODULES[namespace].react(room, Due(own_key)), namespace, outcome)
    return outcome


def changed(room: Room) -> Outcome:
    """`room.info` was read anew."""
    return perform(room, [Happened(Changed())], "control")


def answered(room: Room, namespace: str, event: Answered) -> Outcome:
    return perform(room, MODULES[namespace].react(room, event), namespace)


def perform(room: Room, effects: Effects, namespace: str, outcome: Outcome | None = None) -> Outcome:
    """Carries out `effects` of the module `namespace`, and what other modules do about them, in order."""
    outcome = outcome or Outcome()
    pending: list[tuple[str, Iterator[Any]]] = [(namespace, iter(effects))]
    for _number in range(EFFECTS):
        if not pending:
            return outcome
        own, running = pending[-1]
        effect = next(running, None)
        if effect is None:
            pending.pop()
        elif isinstance(effect, Happened):
            pending.extend((module.name, iter(module.react(room, effect.event))) for module in reversed(_on(room)))
        else:
            _carry_out(room, effect, own, outcome)
    raise RuntimeError(f"{namespace} never ends")


def _on(room: Room) -> list[Module]:
    return [module for module in MODULES.values() if module.is_on(room)]


def _carry_out(room: Room, effect: Any, own: str, outcome: Outcome) -> None:
    match effect:
        case Send():
            _deliver(outcome, effect.to, frame(effect.namespace or own, effect.payload, room.now))
        case Tell():
            _tell(room, effect, outcome)
        case Welcome():
            _deliver(outcome, [effect.to], frame("control", join_success(room, effect.to), room.now))
        case Close():
            outcome.deliveries.append(Delivery([person.connection for person in effect.to], code=effect.code))
        case HangUp():
            outcome.deliveries.append(
                Delivery([person.connection for person in effect.to], hang_up=effect.kind or "all")
            )
        case Arm():
            room.deadlines[f"{effect.namespace or own}:{effect.key}"] = effect.at
        case Disarm():
            room.deadlines.pop(f"{effect.namespace or own}:{effect.key}", None)
        case _:
            _note(effect, own, outcome)


def _note(effect: Any, own: str, outcome: Outcome) -> None:
    match effect:
        case Keep():
            outcome.notes.append(Note(own, effect.place, effect.data))
        case Forget():
            outcome.notes.append(Note(own, effect.place, effect.data, is_forgotten=True))
        case Record():
            outcome.records.append(effect)
        case Ask():
            outcome.asked.append((own, effect))
        case Signal():
            outcome.signals.append(effect)


def _deliver(outcome: Outcome, to: Iterable[Participant], text: str) -> None:
    sockets = [person.connection for person in to]
    if sockets:
        outcome.deliveries.append(Delivery(sockets, text))


def _tell(room: Room, effect: Tell, outcome: Outcome) -> None:
    """One frame for all who see the person alike."""
    alike: dict[str, list[Participant]] = {}
    seen: dict[tuple[bool, tuple[str, ...]], str] = {}
    for viewer in effect.to:
        # All that modules may make a difference by.
        sort = (viewer.is_moderator, viewer.groups)
        if sort not in seen:
            payload = {"message": effect.message, **described(room, effect.about, viewer)}
            seen[sort] = frame("control", payload, room.now)
        alike.setdefault(seen[sort], []).append(viewer)
    for text, viewers in alike.items():
        _deliver(outcome, viewers, text)


def described(room: Room, person: Participant, viewer: Participant) -> dict[str, Any]:
    """The participant object, as `viewer` sees it."""
    members: dict[str, Any] = {"id": person.id, "control": presence.control_of(person)}
    for module in _on(room):
        member = module.describe(room, person, viewer) if module.describe else None
        if member is not None:
            members[module.name] = member
    return members


def join_success(room: Room, who: Participant) -> dict[str, Any]:
    """Complete, and without members that are null: clients break on both. Includes who was here and left."""
    people = [
        described(room, person, who)
        for person in visible(room.participants.values())
        if person.id != who.id and person.place == who.place and not person.is_waiting and person.joined_at
    ]
    payload: dict[str, Any] = {
        "message": "join_success",
        "id": who.id,
        "display_name": who.display_name,
        "avatar_url": who.avatar_url or None,
        "role": who.role,
        "closes_at": room.closes_at,
        "tariff": room.info.tariff,
        "participants": people,
        "event_info": room.info.event,
        "room_info": _room_info(room, who),
        "is_room_owner": who.is_owner,
    }
    payload |= {module.name: module.welcome(room, who) for module in _on(room)}
    return {name: value for name, value in payload.items() if value is not None}


def _room_info(room: Room, who: Participant) -> dict[str, Any]:
    """The password is for the people of the meeting, not for guests, who may have come by other ways."""
    shows_password = room.info.password and who.user_id is not None
    return room.info.room | ({"password": room.info.password} if shows_password else {})


def moment(now: datetime, after: datetime | None) -> datetime:
    """Of a step: later than that of the one before, because clients take messages of one instant for one."""
    return now if after is None or now > after else after + datetime.resolution
