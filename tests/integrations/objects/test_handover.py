"""A meeting that is handed over takes its conference along."""

import pytest

from activity.actors import Actor
from events.services.handover import hand_over
from integrations.objects import access
from integrations.objects.models import Level, Object
from integrations.objects.services.comments import create_comment, delete_comment
from rest.errors import Forbidden
from tests.circle import Circle

pytestmark = pytest.mark.django_db


def test_conference_follows_its_room() -> None:
    circle = Circle()
    by = Actor.by_api(circle.alice)
    one = access.found(circle.alice, circle.event.room_id)
    comment = create_comment(one=one, author=circle.alice, text="Cake", actor=by)
    hand_over(event=circle.event, to=circle.bob, actor=by, keeps_former=True)
    one = Object.objects.get()
    assert one.owner == circle.bob
    assert access.found(circle.bob, one.pk, level=Level.OWNER) == one
    delete_comment(comment=comment, by=circle.bob, actor=Actor.by_api(circle.bob))


def test_former_owner_owns_nothing_there() -> None:
    circle = Circle()
    by = Actor.by_api(circle.alice)
    one = access.found(circle.alice, circle.event.room_id)
    comment = create_comment(one=one, author=circle.bob, text="Cake", actor=Actor.by_api(circle.bob))
    hand_over(event=circle.event, to=circle.bob, actor=by, keeps_former=True)
    with pytest.raises(Forbidden):
        delete_comment(comment=comment, by=circle.alice, actor=by)
