"""Whatever people do in whatever order, each client's picture of the meeting is the meeting.

After every step the replica that a socket's frames built (replica.py) is compared with the room.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from signaling import presence, steps
from signaling.frames import Envelope, command_of
from signaling.modules import breakout
from signaling.room import Kind, Participant, Place, Where
from signaling.steps import Outcome
from tests.signaling.replica import Replica, text_of
from tests.signaling.stage import PROCESS, Stage, plain

# Who comes: an account may come twice, by two devices.
PEOPLE = {
    "anna": "owner", "olga": "moderator", "ben": "user", "cleo": "user", "gus": "guest", "gia": "guest",
    "pia": "guest", "rec": "guest",
}  # fmt: skip
KINDS = {"pia": Kind.SIP, "rec": Kind.RECORDER}
TARGETED = ("kick", "ban", "accept", "send_to_waiting_room")
SWITCHES = (
    "enable_waiting_room", "disable_waiting_room", "enable_raise_hands", "disable_raise_hands", "reset_raised_hands",
)  # fmt: skip
any_number = st.integers(0, 11)
any_name = st.sampled_from(sorted(PEOPLE))


@dataclass
class Socket:
    """One person's, until it is closed."""

    name: str
    comer: Participant
    replica: Replica = field(default_factory=Replica)


class Meeting(RuleBasedStateMachine):
    """Sockets and targets are chosen by their number, because ids differ from run to run."""

    def __init__(self) -> None:
        super().__init__()
        self._begin()

    def _begin(self) -> None:
        self.stage = Stage(quotas={"room_participant_limit": 7})
        self.sockets: list[Socket] = []
        self.numbers = dict.fromkeys(PEOPLE, 0)

    @property
    def room(self) -> Any:
        return self.stage.room

    # --- The server's part, as hub.py has it ---

    def carry_out(self, act: Any) -> None:
        self.stage.tick()
        self._deliver(act(self.room))

    def _deliver(self, outcome: Outcome) -> None:
        by_connection = {socket.comer.connection: socket for socket in self.sockets}
        for delivery in outcome.deliveries:
            frame = msgspec.json.decode(delivery.text) if delivery.text else {}
            for connection in delivery.to:
                socket = by_connection.get(connection)
                if socket is None:
                    continue
                if delivery.code:
                    socket.replica.close(delivery.code)
                elif "message" in frame["payload"]:  # recorders are sent actions too
                    socket.replica.receive(frame["namespace"], frame["payload"])
        self.stage.store(outcome)
        closed = [socket for socket in self.sockets if socket.replica.where == "closed"]
        self.sockets = [socket for socket in self.sockets if socket.replica.where != "closed"]
        if self.room.ended_at is not None:
            assert not self.room.present()
            self._begin()
        elif closed:
            self.lose(closed, "quit")

    def lose(self, sockets: list[Socket], reason: str) -> None:
        gone = {socket.comer.connection for socket in sockets}
        self.sockets = [socket for socket in self.sockets if socket.comer.connection not in gone]
        self.carry_out(lambda room: steps.depart(room, gone, reason))

    def send(self, socket: Socket, namespace: str, action: str, **payload: Any) -> None:
        raw = msgspec.Raw(msgspec.json.encode({"action": action, **payload}))
        command = command_of(Envelope(namespace, raw))
        self.carry_out(lambda room: steps.command(room, socket.comer, namespace, command))

    def moderate(self, number: int, namespace: str, action: str, **payload: Any) -> None:
        """Whoever is no moderator changes nothing by it."""
        socket = self.moderator(number) or self.socket(number)
        is_allowed = socket.replica.where == "joined" and socket.replica.role == "moderator"
        before = None if is_allowed else self._all()
        self.send(socket, namespace, action, **payload)
        assert is_allowed or self._all() == before

    def _all(self) -> Any:
        room = self.room
        rules = (room.has_waiting_room, room.allows_hands, room.ended_at)
        stored = sorted((str(key), data) for key, data in room.stored.items())
        return msgspec.json.encode((room.participants, stored, room.deadlines, rules))

    def socket(self, number: int) -> Socket:
        return self.sockets[number % len(self.sockets)]

    def moderator(self, number: int) -> Socket | None:
        """Three times of four somebody who may moderate, where there is one."""
        allowed = [socket for socket in self.sockets if socket.replica.role == "moderator"]
        return allowed[number % len(allowed)] if allowed and number % 4 else None

    def target(self, number: int) -> Any:
        """Somebody who is here, sometimes somebody who was, or nobody."""
        known = [person.id for person in self.room.present()] if number % 4 else [*self.room.participants]
        return known[number % len(known)] if known else PROCESS

    def has_sockets(self) -> bool:
        return bool(self.sockets)

    # --- Coming and going ---

    @initialize(names=st.sets(any_name, min_size=2), is_closed=st.booleans())
    def come_together(self, names: set[str], is_closed: bool) -> None:
        """Some may have to wait."""
        for name in ("anna", "ben"):
            self.come(name, 0)
        if is_closed:
            self.send(self.sockets[0], "moderation", "enable_waiting_room")
        for name in sorted(names):
            self.come(name, 0)

    def open(self, name: str, place: Place) -> Socket:
        """As a new participant."""
        self.numbers[name] += 1
        comer = self.stage.comer(
            f"{name}{self.numbers[name]}", PEOPLE[name], place=place, **({"kind": KINDS[name]} if name in KINDS else {})
        )
        if comer.user_id is not None:
            comer.user_id = self.stage.comer(name).user_id
        socket = Socket(name, comer)
        self.sockets.append(socket)
        return socket

    def place(self, number: int) -> Place:
        """One for which tickets are given out."""
        places = [None, *(room.id for room in self.room.state(breakout.State).rooms)]
        return places[number % len(places)]

    @rule(name=any_name, place=any_number)
    def come(self, name: str, place: int) -> None:
        if self.numbers[name] < 3:
            socket = self.open(name, self.place(place))
            self.send(socket, "control", "join", display_name=name.title())

    @rule(name=any_name)
    def stand_at_the_door(self, name: str) -> None:
        if self.numbers[name] < 3:
            self.open(name, None)

    @precondition(lambda self: bool(self.room.participants))
    @rule(who=any_number, place=any_number, joins=st.booleans())
    def come_back(self, who: int, place: int, joins: bool) -> None:
        """With the same id, whether the old socket is gone or not."""
        ids = [*self.room.participants]
        known = self.room.participants[ids[who % len(ids)]]
        name = next(name for name, key in self.stage.ids.items() if key == known.id).rstrip("0123456789")
        door = self.stage.comer(name, PEOPLE[name])  # the ticket says what invitations say
        comer = copy.copy(known)
        comer.connection, comer.where, comer.place = door.connection, Where.NEW, self.place(place)
        comer.role, comer.is_admitted, comer.is_banned, comer.hand_is_up = door.role, False, False, False
        comer.joined_at = comer.left_at = comer.hand_updated_at = None
        self.sockets = [socket for socket in self.sockets if socket.comer.id != known.id]
        socket = Socket(name, comer)
        self.sockets.append(socket)
        self.carry_out(lambda room: steps.arrive(room, comer))
        if joins and socket in self.sockets:
            self.send(socket, "control", "join", display_name=name.title())

    @precondition(has_sockets)
    @rule(who=any_number)
    def join(self, who: int) -> None:
        """Also who has joined, and who was blocked."""
        self.send(self.socket(who), "control", "join", display_name="Somebody")

    @precondition(has_sockets)
    @rule(who=any_number)
    def enter(self, who: int) -> None:
        """Mostly somebody who may."""
        accepted = [socket for socket in self.sockets if socket.replica.where == "accepted"]
        self.send(accepted[0] if accepted and who else self.socket(who), "control", "enter_room")

    @precondition(has_sockets)
    @rule(who=st.lists(any_number, min_size=1, max_size=3), reason=st.sampled_from(["quit", "timeout"]))
    def leave(self, who: list[int], reason: str) -> None:
        """Some at once."""
        self.lose([self.socket(number) for number in who], reason)

    @rule(seconds=st.sampled_from([1] * 4 + [50, 400]))
    def time_passes(self, seconds: int) -> None:
        self.stage.tick(seconds)
        self._deliver(steps.due(self.room))

    # --- What they do ---

    @precondition(has_sockets)
    @rule(who=any_number, is_up=st.booleans())
    def hand(self, who: int, is_up: bool) -> None:
        self.send(self.socket(who), "control", "raise_hand" if is_up else "lower_hand")

    @precondition(has_sockets)
    @rule(who=any_number, whom=any_number, action=st.sampled_from(["grant", "revoke"]))
    def role(self, who: int, whom: int, action: str) -> None:
        self.moderate(who, "control", f"{action}_moderator_role", target=self.target(whom))

    @precondition(has_sockets)
    @rule(who=any_number, whom=any_number, action=st.sampled_from(TARGETED))
    def move(self, who: int, whom: int, action: str) -> None:
        self.moderate(who, "moderation", action, target=self.target(whom))

    @precondition(lambda self: bool(self.sockets and self.room.waiting()))
    @rule(who=any_number, whom=any_number)
    def let_in(self, who: int, whom: int) -> None:
        waiting = self.room.waiting()
        self.moderate(who, "moderation", "accept", target=waiting[whom % len(waiting)].id)

    @precondition(has_sockets)
    @rule(who=any_number, action=st.sampled_from(SWITCHES))
    def switch(self, who: int, action: str) -> None:
        self.moderate(who, "moderation", action)

    @precondition(has_sockets)
    @rule(who=any_number, scope=st.sampled_from(["guests"] * 4 + ["users_and_guests", "all"]))
    def debrief(self, who: int, scope: str) -> None:
        self.moderate(who, "moderation", "debrief", kick_scope=scope)

    @precondition(has_sockets)
    @rule(who=any_number, whom=any_number, name=st.sampled_from(["Gustav", "Maria", "", "x" * 101]))
    def rename(self, who: int, whom: int, name: str) -> None:
        self.moderate(who, "moderation", "change_display_name", target=self.target(whom), new_name=name)

    @precondition(has_sockets)
    @rule(who=any_number, count=st.integers(0, 3), duration=st.sampled_from([None, 30]))
    def break_out(self, who: int, count: int, duration: int | None) -> None:
        rooms: list[Any] = [{"name": f"Room {number}"} for number in range(count)]
        self.moderate(who, "breakout", "start", rooms=rooms, duration=duration)

    @precondition(has_sockets)
    @rule(who=any_number)
    def stop_breakout(self, who: int) -> None:
        self.moderate(who, "breakout", "stop")

    # --- What must hold ---

    @invariant()
    def replicas_are_true(self) -> None:
        self.controls = {person.id: plain(presence.control_of(person)) for person in self.room.present()}
        for socket in self.sockets:
            who = steps.speaker(self.room, socket.comer)
            expected = self.truth(who)
            if "elsewhere" in expected:
                socket.replica.excuse(expected["elsewhere"])
            assert self.picture(socket.replica, who) == expected, socket.name

    def truth(self, who: Participant) -> dict[str, Any]:
        """What `who` has to know."""
        known: dict[str, Any] = {"where": str(who.where if who.connection in self._connections() else Where.NEW)}
        if known["where"] == Where.LEFT:
            known["where"] = "new"
        if known["where"] != Where.JOINED:
            return known
        room = self.room
        seen = [person for person in room.everyone() if person.kind != Kind.RECORDER and person.id != who.id]
        known |= {
            "id": str(who.id),
            "role": str(who.role),
            "name": who.display_name,
            "hand_is_up": who.hand_is_up,
            "allows_hands": room.allows_hands,
            "people": self._controls(person for person in seen if person.place == who.place),
            "rooms": [plain(one) for one in room.state(breakout.State).rooms],
            "elsewhere": {
                str(one.id): (text_of(one.place), one.display_name) for one in seen if one.place != who.place
            },
        }
        if who.is_moderator:
            waiting = [person for person in room.participants.values() if person.is_waiting]
            known |= {"waiting": self._controls(waiting), "has_waiting_room": room.has_waiting_room}
        return known

    def picture(self, replica: Replica, who: Participant) -> dict[str, Any]:
        known: dict[str, Any] = {"where": replica.where}
        if replica.where != "joined":
            return known
        names = ["id", "role", "name", "hand_is_up", "allows_hands", "people", "rooms"]
        names += ["waiting", "has_waiting_room"] if who.is_moderator else []
        known |= {name: getattr(replica, name) for name in names}
        known["elsewhere"] = replica.elsewhere
        return known

    def _connections(self) -> set[Any]:
        return {person.connection for person in self.room.participants.values()}

    def _controls(self, people: Any) -> dict[str, Any]:
        return {str(person.id): self.controls[person.id] for person in people}


def run(*, max_examples: int, step_count: int, is_thorough: bool) -> None:
    """Thorough is: other steps each time, and the shortest way to a failure."""
    budget = settings(
        max_examples=max_examples,
        stateful_step_count=step_count,
        derandomize=not is_thorough,
        phases=[Phase.generate, Phase.shrink] if is_thorough else [Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Meeting, settings=budget)


def test_every_client_sees_the_meeting_as_it_is() -> None:
    run(max_examples=4, step_count=20, is_thorough=False)


@pytest.mark.slow
def test_every_client_sees_the_meeting_as_it_is_in_many_orders() -> None:
    run(max_examples=40, step_count=40, is_thorough=True)


@pytest.mark.deep
def test_every_client_sees_the_meeting_as_it_is_in_thousands_of_orders() -> None:
    run(max_examples=5000, step_count=50, is_thorough=True)
