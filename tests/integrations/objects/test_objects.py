"""What all objects share: made, changed, put into the trash, taken out of it, deleted for good."""

from datetime import UTC, datetime
from typing import Any

import pytest

from activity.actors import Actor
from activity.models import Activity
from integrations.objects import access
from integrations.objects.models import Level, Object
from integrations.objects.services.objects import (
    IsRoom,
    create_object,
    delete_object,
    purge_object,
    restore_object,
    update_object,
)
from rest.errors import Forbidden, NotFound
from tests import factories
from tests.circle import Circle
from tests.integrations.objects.world import World

pytestmark = pytest.mark.django_db
NEW, STAYS, LOST = (False, True), (True, True), (True, False)


def test_new_object_is_told_to_all_who_can_read_it() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    one = create_object(
        owner=world.alice, type=Object.Type.CONTACT, actor=world.by_alice, description="Hans Mustermann", tags=[tag]
    )
    assert world.told_last("object.created") == (
        {
            "object_type": "contact",
            "label": "Hans Mustermann",
            "owner_id": str(world.alice.pk),
            "tags": [str(tag.pk)],
        },
        {"alice": NEW, "bob": NEW},
    )
    assert Activity.objects.get().tenant_id == world.alice.tenant_id
    assert [access.level_of(person, one) for person in (world.alice, world.bob, world.carol)] == [4, 1, 0]


def test_tag_that_was_deleted_meanwhile_makes_no_object() -> None:
    world = World()
    tag = world.tag()
    type(tag).objects.all().delete()
    with pytest.raises(NotFound):
        create_object(owner=world.alice, type="contact", actor=world.by_alice, tags=[tag])
    assert not Object.objects.exists()


def test_change_is_told_to_all_who_can_read_it() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    changed, changes = update_object(one=one, actor=world.by_alice, description="Eva")
    assert (changed.description, changes) == ("Eva", {"description": ("Hans Mustermann", "Eva")})
    data = {"object_type": "contact", "label": "Eva", "owner_id": str(world.alice.pk)}
    assert world.told_last("object.updated") == (data, {"alice": STAYS, "bob": STAYS})


def test_nothing_changed_is_no_activity() -> None:
    world = World()
    update_object(one=world.contact(), actor=world.by_alice, description="Hans Mustermann")
    assert world.told("object.updated") == []


def test_change_in_the_types_own_table_is_one_too() -> None:
    world = World()
    update_object(one=world.contact(), actor=world.by_alice, also={"description": ("a", "b")})
    assert Activity.objects.get(kind="object.updated").changes == {"description": ["a", "b"]}


def test_trash_is_the_owners_alone(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 9, tzinfo=UTC), tick=False)
    world = World()
    tag = world.tag(bob=Level.WRITE)
    one = delete_object(one=world.contact(tag), actor=world.by_alice)
    assert one.deleted_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert world.told_last("object.trashed")[1] == {"alice": STAYS, "bob": LOST}
    for person in (world.alice, world.bob):
        assert list(access.visible(person)) == []
        with pytest.raises(NotFound):
            access.found(person, one.pk)
    assert [list(access.in_trash(person)) for person in (world.alice, world.bob)] == [[one], []]
    with pytest.raises(NotFound):
        update_object(one=one, actor=world.by_alice, description="Eva")
    with pytest.raises(NotFound):
        delete_object(one=one, actor=world.by_alice)


def test_who_could_read_it_can_again_when_it_is_restored() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    one = delete_object(one=world.contact(tag), actor=world.by_alice)
    restored = restore_object(one=one, actor=world.by_alice)
    assert restored.deleted_at is None
    data, people = world.told_last("object.restored")
    assert (data["tags"], people) == ([str(tag.pk)], {"alice": STAYS, "bob": NEW})
    with pytest.raises(NotFound):
        restore_object(one=one, actor=world.by_alice)


def test_only_what_is_in_the_trash_is_deleted_for_good() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    with pytest.raises(NotFound):
        purge_object(one=one, actor=world.by_alice)
    delete_object(one=one, actor=world.by_alice)
    purge_object(one=one, actor=world.by_alice)
    assert not Object.objects.exists()
    assert world.told_last("object.purged")[1] == {"alice": LOST}


def test_level_is_asked_for() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    assert access.found(world.bob, one.pk, level=Level.READ) == one
    with pytest.raises(Forbidden):
        access.found(world.bob, one.pk, level=Level.WRITE)
    with pytest.raises(NotFound):
        access.found(world.carol, one.pk)
    with pytest.raises(NotFound):
        access.found(world.alice, one.pk, of_type="fax")


def test_room_is_a_conference_for_whoever_can_access_it() -> None:
    circle = Circle()
    room = circle.event.room
    found = [access.found(person, room.pk) for person in (circle.alice, circle.bob)]
    assert [(one.type, one.description, one.owner) for one in found] == [
        ("conference", circle.event.title, circle.alice)
    ] * 2
    assert [access.level_of(person, found[0]) for person in (circle.alice, circle.bob)] == [Level.OWNER, Level.READ]
    with pytest.raises(NotFound):
        access.found(factories.user("stranger"), room.pk)
    assert not Object.objects.exists()


def test_conference_goes_with_its_room_alone() -> None:
    circle = Circle()
    with pytest.raises(IsRoom):
        delete_object(one=access.found(circle.alice, circle.event.room_id), actor=Actor.by_api(circle.alice))
