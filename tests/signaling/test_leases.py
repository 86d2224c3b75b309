"""What processes do for each other: people of a dead one are found, deadlines that nobody watches too."""

import uuid
from collections.abc import Iterable
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from signaling.models import Broadcast, Process, RoomSession, Ticket
from signaling.presence import join
from signaling.room import Kind, Participant, Role
from signaling.services import leases
from signaling.services.leases import BEAT, BROADCASTS_KEPT, LEASE, Chores
from signaling.services.sessions import Replica, Taken, take_step
from signaling.steps import Outcome, depart, perform
from signaling.tickets import RESUMABLE, issue_ticket, redeem_ticket
from tests.circle import Circle

pytestmark = pytest.mark.django_db
MINE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def beat(process: uuid.UUID = MINE, tickets: Iterable[int] = (), connections: Iterable[uuid.UUID] = ()) -> Chores:
    return leases.beat(process=process, name="host:1", tickets=list(tickets), connections=set(connections))


def come(circle: Circle, process: uuid.UUID, name: str = "Bob", replica: Replica | None = None) -> Participant:
    """Somebody joins by a socket of that process."""
    person = Participant(
        id=uuid.uuid4(), kind=Kind.USER, role=Role.USER, display_name=name, connection=uuid.uuid4(), process=process
    )
    step(circle, lambda room: perform(room, join(room, person), "control"), is_opening=True)
    return person


def step(circle: Circle, act: Any, **how: Any) -> Taken:
    return take_step(room_id=circle.event.room_id, act=act, **how)


# --- Leases ---


def test_people_of_a_silent_process_are_lost_when_its_lease_is_over() -> None:
    circle = Circle()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        beat(OTHER)
        bob = come(circle, OTHER)
        clock.shift(LEASE)
        assert beat().lost == {}
        clock.shift(1)
        assert beat().lost == {circle.event.room_id: [bob.connection]}
        assert list(Process.objects.values_list("pk", flat=True)) == [MINE]


def test_process_that_says_it_ends_loses_its_people_at_once() -> None:
    circle = Circle()
    beat(OTHER)
    bob = come(circle, OTHER)
    leases.end_lease(process=OTHER)
    assert beat().lost == {circle.event.room_id: [bob.connection]}


def test_own_people_without_a_socket_are_lost_and_others_not() -> None:
    """Their leaving failed, as when the database was away."""
    circle = Circle()
    here, gone = come(circle, MINE), come(circle, MINE, "Carol")
    assert beat(connections=[here.connection]).lost == {circle.event.room_id: [gone.connection]}
    step(circle, lambda room: depart(room, [gone.connection], "timeout"))
    assert beat(connections=[here.connection]).lost == {}


def test_deadline_that_is_a_beat_late_is_anybodys() -> None:
    circle = Circle()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        come(circle, MINE)
        RoomSession.objects.update(next_deadline_at=timezone.now())
        clock.shift(BEAT)
        assert beat().overdue == []
        clock.shift(1)
        assert beat().overdue == [circle.event.room_id]


def test_broadcasts_go_after_a_minute() -> None:
    circle = Circle()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        come(circle, MINE)
        clock.shift(BROADCASTS_KEPT)
        beat()
        assert Broadcast.objects.count() == 1
        clock.shift(1)
        beat()
        assert Broadcast.objects.count() == 0


def test_place_of_an_open_socket_can_be_resumed_later_too() -> None:
    circle = Circle()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ticket = redeem_ticket(text=issue_ticket(room=circle.event.room, user=circle.bob).ticket).ticket
        taken = redeem_ticket(text=issue_ticket(room=circle.event.room, user=circle.bob).ticket).ticket
        Ticket.objects.filter(pk=taken.pk).update(resumable_until=None)
        clock.shift(60)
        beat(tickets=[ticket.pk, taken.pk])
        ticket.refresh_from_db()
        taken.refresh_from_db()
        assert (ticket.resumable_until, taken.resumable_until) == (timezone.now() + RESUMABLE, None)


# --- Steps ---


def test_step_that_raises_has_changed_nothing() -> None:
    circle = Circle()
    bob = come(circle, MINE)
    before = RoomSession.objects.values().get()

    def fail(room: Any) -> Outcome:
        room.participants[bob.id].display_name = "Robert"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        step(circle, fail)
    assert RoomSession.objects.values().get() == before
    assert seen(circle)[bob.id] == "Bob"


def seen(circle: Circle, replica: Replica | None = None) -> dict[uuid.UUID, str]:
    """Everybody's name, as a process reads it that knew the session as `replica`."""
    names: dict[uuid.UUID, str] = {}

    def look(room: Any) -> Outcome:
        names.update({key: person.display_name for key, person in room.participants.items()})
        return Outcome()

    step(circle, look, replica=replica)
    return names


def test_looking_takes_no_number() -> None:
    circle = Circle()
    come(circle, MINE)
    before = RoomSession.objects.get().step
    taken = step(circle, lambda _room: Outcome())
    assert (taken.was_sent, RoomSession.objects.get().step) == (False, before)


def test_process_that_was_away_reads_what_others_changed(django_assert_num_queries: Any) -> None:
    circle = Circle()
    bob = come(circle, MINE)
    replica = step(circle, lambda _room: Outcome()).replica
    carol = come(circle, OTHER, "Carol")
    assert seen(circle, replica) == {bob.id: "Bob", carol.id: "Carol"}
    # What is known is not read again: the session's row, and a transaction's begin and end.
    with django_assert_num_queries(3):
        seen(circle, replica)


def test_without_a_session_nothing_is_stepped() -> None:
    circle = Circle()
    taken = step(circle, lambda _room: pytest.fail("played"))
    assert (taken.session, taken.replica) == (None, None)
    assert not RoomSession.objects.exists()


def test_second_session_knows_nothing_of_the_first() -> None:
    circle = Circle()
    come(circle, MINE)
    replica = step(circle, lambda _room: Outcome()).replica

    def end(room: Any) -> Outcome:
        room.ended_at = room.now
        return Outcome()

    assert step(circle, end).replica is None
    carol = come(circle, MINE, "Carol")
    assert seen(circle, replica) == {carol.id: "Carol"}
    assert RoomSession.objects.count() == 2
