"""Tags are attached and taken off: who may, who is told, who reads the object then."""

import pytest

from activity.actors import Actor
from integrations.objects import access
from integrations.objects.models import Level, Object, ObjectTag, Tag
from integrations.objects.services import tagging
from integrations.objects.services.objects import delete_object
from integrations.objects.services.tagging import TagIsFull, TooManyOnObject, change_tags
from rest.errors import Forbidden, NotFound
from tests.circle import Circle
from tests.integrations.objects.world import World
from users.models import User

pytestmark = pytest.mark.django_db
NEW, STAYS, LOST = (False, True), (True, True), (True, False)


def attach(one: Object, tag: Tag, by: User) -> Object:
    return change_tags(one=one, by=by, actor=Actor.by_api(by), add=[tag.pk])


def take_off(one: Object, tag: Tag, by: User) -> Object:
    return change_tags(one=one, by=by, actor=Actor.by_api(by), remove=[tag.pk])


def test_attached_tag_shares_the_object() -> None:
    """The owner learns of the tag; who reads the object from now on, of the object."""
    world = World()
    one, tag = world.contact(), world.tag(bob=Level.READ)
    attach(one, tag, world.alice)
    data = {"object_type": "contact", "label": "Hans Mustermann", "owner_id": str(world.alice.pk)}
    tagged = data | {"tags": [str(tag.pk)], "added": [str(tag.pk)], "removed": []}
    assert world.told("object.tagged") == [(tagged, {"alice": STAYS})]
    assert world.told("object.shared") == [(data | {"tags": [str(tag.pk)]}, {"bob": NEW})]
    assert list(access.visible(world.bob)) == [one]


def test_taken_off_tag_ends_it() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    one = world.contact(tag)
    take_off(one, tag, world.alice)
    assert world.told_last("object.tagged")[1] == {"alice": STAYS}
    assert world.told("object.unshared")[0][1] == {"bob": LOST}
    assert not access.visible(world.bob).exists()


def test_object_is_shared_for_the_first_time_once() -> None:
    """Who can read it by another tag is told of the tag, not of a new object."""
    world = World()
    first, second = world.tag(bob=Level.READ), world.tag("Second", bob=Level.READ, carol=Level.READ)
    one = world.contact(first)
    attach(one, second, world.alice)
    assert world.told_last("object.tagged")[1] == {"alice": STAYS, "bob": STAYS}
    assert world.told_last("object.shared")[1] == {"carol": NEW}


def test_who_reads_the_object_but_not_the_tag_is_not_told_of_it() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    attach(one, world.tag("Private"), world.alice)
    assert world.told_last("object.tagged")[1] == {"alice": STAYS}


def test_two_tags_at_once() -> None:
    world = World()
    old, new = world.tag(bob=Level.READ), world.tag("New", carol=Level.READ)
    one = world.contact(old)
    change_tags(one=one, by=world.alice, actor=world.by_alice, add=[new.pk], remove=[old.pk])
    data, people = world.told_last("object.tagged")
    assert (data["tags"], data["added"], data["removed"]) == ([str(new.pk)], [str(new.pk)], [str(old.pk)])
    assert people == {"alice": STAYS}
    assert world.told_last("object.shared")[1] == {"carol": NEW}
    assert world.told_last("object.unshared")[1] == {"bob": LOST}


def test_what_is_there_is_not_attached_again() -> None:
    world = World()
    tag = world.tag()
    one = world.contact(tag)
    attach(one, tag, world.alice)
    take_off(one, world.tag("Other"), world.alice)
    assert world.told("object.tagged") == []
    assert ObjectTag.objects.count() == 1


@pytest.mark.parametrize("level", [Level.READ, Level.WRITE])
def test_who_may_not_propagate_attaches_nothing(level: Level) -> None:
    world = World()
    one = world.contact(world.tag(bob=level))
    with pytest.raises(Forbidden):
        attach(one, world.tag("Bob's", owner=world.bob, carol=Level.READ), world.bob)
    assert not access.visible(world.carol).exists()


def test_who_may_propagate_shares_with_others_by_an_own_tag() -> None:
    """Its owner may take it off; whoever owns the object, too."""
    world = World()
    one = world.contact(world.tag(bob=Level.PROPAGATE))
    own = world.tag("Bob's", owner=world.bob, carol=Level.READ)
    attach(one, own, world.bob)
    assert access.level_of(world.carol, one) == Level.READ
    with pytest.raises(Forbidden):
        take_off(one, own, world.carol)
    take_off(one, own, world.bob)
    attach(one, own, world.bob)
    take_off(one, own, world.alice)
    assert access.level_of(world.carol, one) == Level.NONE


def test_only_the_objects_owner_takes_off_tags_of_others() -> None:
    world = World()
    tag = world.tag(bob=Level.PROPAGATE)
    with pytest.raises(Forbidden):
        take_off(world.contact(tag), tag, world.bob)


@pytest.mark.parametrize(
    ("foreign_use", "level", "is_allowed"),
    [(True, Level.PROPAGATE, True), (True, Level.WRITE, False), (False, Level.PROPAGATE, False)],
)
def test_tag_of_somebody_else_is_for_own_objects_if_it_is_lent(
    foreign_use: bool, level: Level, is_allowed: bool
) -> None:
    world = World()
    lent = world.tag(bob=level)
    Tag.objects.update(foreign_use=foreign_use)
    one = world.contact(owner=world.bob)
    if is_allowed:
        attach(one, lent, world.bob)
        assert access.level_of(world.alice, one) == Level.PROPAGATE
    else:
        with pytest.raises(Forbidden):
            attach(one, lent, world.bob)


def test_lent_tag_is_not_for_objects_of_others() -> None:
    world = World()
    lent = world.tag(bob=Level.PROPAGATE)
    Tag.objects.update(foreign_use=True)
    one = world.contact(world.tag("Carol's", owner=world.carol, bob=Level.PROPAGATE), owner=world.carol)
    with pytest.raises(Forbidden):
        attach(one, lent, world.bob)


def test_staff_take_off_any_tag() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    one = world.contact(tag)
    change_tags(one=one, by=None, actor=Actor.by_admin(world.carol), remove=[tag.pk])
    assert not one.tags.exists()


def test_what_is_gone_gets_no_tag() -> None:
    world = World()
    tag, one = world.tag(), world.contact()
    delete_object(one=one, actor=world.by_alice)
    with pytest.raises(NotFound):
        attach(one, tag, world.alice)
    tag.delete()
    with pytest.raises(NotFound):
        attach(world.contact(), Tag(pk=tag.pk or one.pk), world.alice)


def test_tags_of_an_object_and_objects_of_a_tag_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    tag = world.tag()
    one = world.contact(tag)
    monkeypatch.setattr(tagging, "MOST_TAGS_ON_ONE", 1)
    with pytest.raises(TooManyOnObject):
        attach(one, world.tag("Second"), world.alice)
    monkeypatch.setattr(tagging, "MOST_OBJECTS", 1)
    with pytest.raises(TagIsFull):
        attach(world.contact(), tag, world.alice)


def test_conference_is_shared_by_a_tag_too() -> None:
    circle = Circle()
    world = World.__new__(World)
    world.alice, world.bob = circle.alice, circle.bob
    world.carol = User.objects.create(username="carol", tenant=circle.alice.tenant, email="carol@example.com")
    tag = world.tag(carol=Level.READ)
    one = attach(access.found(circle.alice, circle.event.room_id), tag, circle.alice)
    assert (one.pk, one.room_id, one.description) == (circle.event.room_id, circle.event.room_id, circle.event.title)
    assert access.found(world.carol, circle.event.room_id) == one
    assert access.level_of(circle.bob, one) == Level.READ
    take_off(one, tag, circle.alice)
    assert access.level_of(world.carol, one) == Level.NONE
