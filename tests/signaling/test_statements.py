"""A start costs the same number of SQL statements, however many people and tickets the room has.

The numbers include the one that finds the caller by the token.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from activity.actors import Actor
from invites.models import EventInvite
from invites.services import create_code
from signaling import steps
from signaling.commands import Command
from signaling.models import Entry, Ticket
from signaling.modules import chat, control
from signaling.room import Participant
from signaling.services import sessions
from signaling.services.arrivals import open_socket
from signaling.services.sessions import Taken, take_step
from signaling.tickets import issue_ticket, redeem_ticket
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.test_statements import statements
from tests.users.gateway import gateway

pytestmark = pytest.mark.django_db
PASSWORD = "open sesame"


@pytest.fixture
def circle(settings: Any) -> Circle:
    settings.CALL_IN_TEL = "+493012345678"
    return Circle(password=PASSWORD, waiting_room=True, schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))


def fill(circle: Circle, count: int) -> None:
    """So many more invitees, and tickets that others hold."""
    for _number in range(count):
        EventInvite.objects.create(event=circle.event, invitee=factories.user(), created_by=circle.alice)
        issue_ticket(room=circle.event.room)


def costs(circle: Circle, call: Callable[[], Any]) -> set[int]:
    found = {statements(call)}
    fill(circle, 20)
    found.add(statements(call))
    # And when as many are over.
    Ticket.objects.update(expires_at=timezone.now() - timedelta(days=1))
    return found | {statements(call)}


@pytest.mark.slow
@pytest.mark.parametrize("who", ["creator", "invitee"])
def test_start(circle: Circle, who: str) -> None:
    """The caller, the room, bans, its lock, what is over, the ticket; and a transaction's begin and end."""
    api = circle.api(who)
    assert costs(circle, lambda: api.post(f"{circle.room_path}/start", {})) == {8}


@pytest.mark.slow
def test_start_invited(circle: Circle) -> None:
    """The code, the room's lock and its wrong guesses, the room's lock, what is over, the ticket; two transactions."""
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    body = {"invite_code": str(code.code), "password": PASSWORD}
    assert costs(circle, lambda: Api().post(f"{circle.room_path}/start_invited", body)) == {10}


@pytest.mark.slow
def test_start_call_in(circle: Circle) -> None:
    config, api = circle.event.room.sip_config, gateway()
    body = {"id": config.sip_id, "pin": config.password}
    assert costs(circle, lambda: api.post("/v1/services/call_in/start", body)) == {10}


def test_turn(settings: Any) -> None:
    settings.STUN_URIS = ["stun:stun.example.org"]
    api = Api(factories.user())
    assert statements(lambda: api.get("/v1/turn")) == 1


@pytest.mark.slow
def test_redemption(circle: Circle, django_assert_num_queries: Any) -> None:
    """Use it up, read it, the rights and bans, the lobby; and a transaction's begin and end."""
    for count in (0, 20):
        fill(circle, count)
        ticket = issue_ticket(room=circle.event.room, user=circle.bob).ticket
        with django_assert_num_queries(7):
            redeem_ticket(text=ticket)


# --- In the live meeting ---


class Live:
    """A meeting that a process follows, with people in it."""

    def __init__(self, circle: Circle, people: int) -> None:
        self.room = circle.event.room
        self.replica: sessions.Replica | None = None
        self.people = [self._come(circle) for _number in range(people)]

    def _come(self, circle: Circle) -> Participant:
        ticket = issue_ticket(room=self.room, user=circle.bob).ticket
        comer = open_socket(ticket=ticket, connection=uuid.uuid4(), process=uuid.uuid4()).comer
        self.do(comer, control.Join(display_name="Bob"), is_opening=True)
        return comer

    def do(self, who: Participant, command: Command, **how: Any) -> Taken:
        namespace = type(command).__module__.rpartition(".")[2]
        act = partial(steps.command, comer=who, namespace=namespace, given=command)
        taken = take_step(room_id=self.room.pk, act=act, replica=self.replica, **how)
        self.replica = taken.replica
        return taken

    def say(self) -> Taken:
        return self.do(self.people[0], chat.SendMessage(scope="global", content="Hello"))


@pytest.mark.slow
def test_message(django_assert_num_queries: Any) -> None:
    """The session's lock, the message, how far the session is, what is sent; then two of the log; two transactions."""
    circle = Circle()
    for people in (1, 20):
        live = Live(circle, people)
        live.say()
        with django_assert_num_queries(10):
            live.say()


def test_message_stands_if_the_log_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(Circle(), 1)

    def fail(*_given: Any, **_more: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(sessions, "record", fail)
    assert live.say().was_sent
    assert [entry.data["content"] for entry in Entry.objects.all()] == ["Hello"]
    assert "are not in the log" in caplog.text
