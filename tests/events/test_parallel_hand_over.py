"""A meeting is handed over while somebody else changes it; each with a database connection of its own."""

from collections.abc import Callable

import pytest

from activity.actors import Actor
from activity.models import Activity
from events import agenda
from events.models import Event
from events.services.events import update_event
from events.services.handover import hand_over
from mailer.models import OutgoingMail
from tests import factories
from tests.circle import Circle
from tests.parallel import while_locked
from users.models import User

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def giving(circle: Circle, to: User) -> Callable[[], None]:
    actor = Actor.by_admin(factories.user(is_staff=True))
    return lambda: hand_over(event=circle.event, to=to, actor=actor, keeps_former=True)


def test_change_at_the_same_moment_is_not_lost() -> None:
    """Whoever comes second sees what the first has done: one SEQUENCE each, one UID, the new title."""
    circle, carol = Circle(), factories.user("carol")
    actor = Actor.by_api(circle.alice)
    while_locked(
        circle.event,
        giving(circle, carol),
        lambda: update_event(event=circle.event, actor=actor, columns={"title": "Another"}),
    )
    now = Event.objects.get()
    assert (now.title, now.created_by, now.sequence) == ("Another", carol, circle.event.sequence + 2)
    last = OutgoingMail.objects.filter(address="bob@example.com").latest("sequence").message["event"]
    assert (last["uid"], last["organizer"]["email"], last["name"]) == (now.uid, "carol@example.com", "Another")
    assert agenda.differences([now]) == []


def test_of_two_who_hand_it_over_the_second_one_decides() -> None:
    circle = Circle()
    carol, erik = factories.users("carol", "erik")
    while_locked(circle.event, giving(circle, carol), giving(circle, erik))
    now = Event.objects.get()
    assert now.created_by == erik
    assert set(now.invites.values_list("invitee__username", flat=True)) == {"alice", "bob", "carol"}
    assert Activity.objects.filter(kind="event.handed_over").count() == 2
    assert agenda.differences([now]) == []
