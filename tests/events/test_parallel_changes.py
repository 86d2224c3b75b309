"""Requests that meet each other at one event, each with a database connection of its own."""

import pytest
from django.db import transaction

from events.services.events import locked
from rooms.models import Room
from tests.circle import Circle
from tests.parallel import while_locked

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def test_who_waited_for_the_event_sees_its_room_as_it_is_then() -> None:
    circle = Circle()

    @transaction.atomic
    def password() -> str:
        return locked(circle.event).room.password

    assert while_locked(circle.event, lambda: Room.objects.update(password="new"), password) == "new"
