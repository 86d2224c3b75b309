"""Comments: whoever can access an object writes on it; authors change and delete theirs, its owner deletes any."""

import pytest

from activity.actors import Actor
from integrations.objects import access
from integrations.objects.models import Comment, Level, Object
from integrations.objects.services import comments
from integrations.objects.services.comments import TooManyComments, create_comment, delete_comment, update_comment
from integrations.objects.services.objects import delete_object
from rest.errors import Forbidden, NotFound
from tests.circle import Circle
from tests.integrations.objects.world import World
from users.models import User

pytestmark = pytest.mark.django_db
STAYS = (True, True)


def write(one: Object, by: User, text: str = "Well done") -> Comment:
    return create_comment(one=one, author=by, text=text, actor=Actor.by_api(by))


def test_comment_is_told_to_all_who_can_read_the_object() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    comment = write(one, world.bob)
    data = {
        "owner_id": str(world.bob.pk),
        "object_id": str(one.pk),
        "object_type": "contact",
        "object_owner_id": str(world.alice.pk),
        "label": "Hans Mustermann",
    }
    people = {"alice": STAYS, "bob": STAYS}
    assert world.told("comment.created") == [(data | {"text": "Well done"}, people)]
    update_comment(comment=comment, by=world.bob, text="Very well", actor=Actor.by_api(world.bob))
    assert world.told("comment.updated") == [(data | {"text": "Very well"}, people)]
    delete_comment(comment=comment, by=world.bob, actor=Actor.by_api(world.bob))
    assert world.told("comment.deleted") == [(data, people)]
    assert not Comment.objects.exists()


def test_only_the_author_changes_a_comment() -> None:
    world = World()
    comment = write(world.contact(world.tag(bob=Level.PROPAGATE)), world.bob)
    with pytest.raises(Forbidden):
        update_comment(comment=comment, by=world.alice, text="No", actor=world.by_alice)


def test_same_text_is_no_activity() -> None:
    world = World()
    comment = write(world.contact(), world.alice)
    update_comment(comment=comment, by=world.alice, text="Well done", actor=world.by_alice)
    assert world.told("comment.updated") == []


def test_owner_of_the_object_deletes_comments_of_others() -> None:
    world = World()
    tag = world.tag(bob=Level.PROPAGATE, carol=Level.PROPAGATE)
    comment = write(world.contact(tag), world.bob)
    with pytest.raises(Forbidden):
        delete_comment(comment=comment, by=world.carol, actor=Actor.by_api(world.carol))
    delete_comment(comment=comment, by=world.alice, actor=world.by_alice)
    with pytest.raises(NotFound):
        delete_comment(comment=comment, by=world.alice, actor=world.by_alice)


def test_staff_delete_any_comment() -> None:
    world = World()
    comment = write(world.contact(), world.alice)
    delete_comment(comment=comment, by=None, actor=Actor.by_admin(world.carol))
    assert not Comment.objects.exists()


def test_comment_is_found_by_whoever_can_read_the_object() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    comment = write(one, world.alice)
    assert access.comment(world.bob, comment.pk) == comment
    with pytest.raises(NotFound):
        access.comment(world.carol, comment.pk)
    delete_object(one=one, actor=world.by_alice)
    with pytest.raises(NotFound):
        access.comment(world.alice, comment.pk)
    with pytest.raises(NotFound):
        write(one, world.alice)


def test_invitee_comments_on_a_meeting() -> None:
    """The room's row as an object is made by the first comment."""
    circle = Circle()
    comment = write(access.found(circle.bob, circle.event.room_id), circle.bob)
    one = Object.objects.get()
    assert (one.pk, one.type, one.owner, comment.object) == (circle.event.room_id, "conference", circle.alice, one)
    write(access.found(circle.alice, circle.event.room_id), circle.alice)
    assert (Object.objects.count(), Comment.objects.count()) == (1, 2)


def test_comment_comes_too_late_for_a_room_that_is_gone() -> None:
    circle = Circle()
    one = access.found(circle.bob, circle.event.room_id)
    circle.event.room.delete()
    with pytest.raises(NotFound):
        write(one, circle.bob)


def test_comments_of_an_object_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    one = world.contact()
    write(one, world.alice)
    monkeypatch.setattr(comments, "MOST_COMMENTS", 1)
    with pytest.raises(TooManyComments):
        write(one, world.alice)
