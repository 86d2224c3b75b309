"""What several processes do to one session at the same moment: one does it, and everybody hears of it once."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from signaling import steps
from signaling.models import Broadcast, RoomSession
from signaling.modules import control, moderation, polls
from signaling.room import Kind, Participant, Role, Room
from signaling.services.sessions import Taken, take_step
from tests.circle import Circle
from tests.signaling.test_at_once import at_once

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]
THREADS = 8


class Session:
    """A live meeting that no process has in memory: each step reads it."""

    def __init__(self, *moderators: str) -> None:
        self.room_id = Circle().event.room_id
        self.people = [self.come(name, Role.MODERATOR) for name in moderators]

    def come(self, name: str, role: Role) -> Participant:
        person = Participant(
            id=uuid.uuid4(), kind=Kind.USER, role=role, connection=uuid.uuid4(), process=uuid.UUID(int=1)
        )
        self.command(person, "control", control.Join(display_name=name), is_opening=True)
        return person

    def command(self, who: Participant, namespace: str, command: Any, **how: Any) -> Taken:
        who = msgspec.structs.replace(who)  # a socket's own

        def act(room: Room) -> steps.Outcome:
            return steps.command(room, who, namespace, command)

        return take_step(room_id=self.room_id, act=act, **how)

    def due(self) -> Taken:
        return take_step(room_id=self.room_id, act=steps.due)

    def told(self, message: str) -> int:
        """How many sockets were told so, in all steps."""
        found = 0
        for row in Broadcast.objects.all():
            for delivery in msgspec.msgpack.decode(row.body):
                found += len(delivery["to"]) * (f'"message":"{message}"' in delivery["text"])
        return found


def test_two_moderators_accept_one_person() -> None:
    session = Session("Anna", "Mia")
    RoomSession.objects.update(has_waiting_room=True)
    wim = session.come("Wim", Role.GUEST)
    accept = moderation.Accept(target=wim.id)
    calls: list[Callable[[], Any]] = [
        partial(session.command, who, "moderation", accept) for who in session.people * (THREADS // 2)
    ]
    at_once(calls)
    assert session.told("accepted") == 1


def test_poll_that_expires_while_it_is_finished_is_done_once() -> None:
    session = Session("Anna", "Mia")
    anna = session.people[0]
    session.command(anna, "polls", polls.Start(topic="Lunch?", choices=["Yes", "No"], duration=60))
    state = RoomSession.objects.get().states.get(namespace="polls")
    finish = polls.Finish(id=uuid.UUID(msgspec.json.decode(state.data)["running"]["id"]))
    deadlines = RoomSession.objects.get().deadlines
    passed = {key: timezone.now().isoformat() for key in deadlines if key.startswith("polls:")}
    assert passed
    RoomSession.objects.update(deadlines=deadlines | passed)
    finishing = [partial(session.command, who, "polls", finish) for who in session.people * (THREADS // 4)]
    at_once([*finishing, *[session.due] * (THREADS // 2)])
    assert session.told("done") == len(session.people)
    assert polls_running() is None


def polls_running() -> Any:
    state = RoomSession.objects.get().states.get(namespace="polls")
    return msgspec.json.decode(state.data)["running"]


def test_first_people_of_a_room_open_one_session() -> None:
    room_id = Circle().event.room_id

    def come(number: int) -> Taken:
        person = Participant(
            id=uuid.uuid4(), kind=Kind.USER, role=Role.USER, connection=uuid.uuid4(), process=uuid.UUID(int=1)
        )
        join = control.Join(display_name=f"Guest {number}")
        return take_step(
            room_id=room_id, act=lambda room: steps.command(room, person, "control", join), is_opening=True
        )

    at_once([partial(come, number) for number in range(THREADS)])
    session = RoomSession.objects.get()
    assert session.participants.filter(where="joined").count() == THREADS
    assert sorted(Broadcast.objects.values_list("step", flat=True)) == list(range(1, THREADS + 1))


def test_limit_holds_for_all_who_come_at_once() -> None:
    session = Session("Anna")
    tariff = RoomSession.objects.get().tariff
    RoomSession.objects.update(tariff=tariff | {"quotas": {"room_participant_limit": 3}})
    at_once([partial(session.come, f"Guest {number}", Role.USER) for number in range(THREADS)])
    assert RoomSession.objects.get().participants.filter(where="joined").count() == 3
    assert session.told("join_blocked") == THREADS - 2
