"""A start costs the same number of SQL statements, however many people and tickets the room has.

The numbers include the one that finds the caller by the token.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from activity.actors import Actor
from invites.models import EventInvite
from invites.services import create_code
from signaling.models import Ticket
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
