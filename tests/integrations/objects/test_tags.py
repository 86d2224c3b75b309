"""Tags are made, changed and deleted; whom a policy names learns of it, and of the objects that come and go by it."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ValidationError

from activity.models import Activity
from integrations.objects import access
from integrations.objects.models import Grant, Level, Tag
from integrations.objects.services import tags
from integrations.objects.services.objects import delete_object
from integrations.objects.services.tags import TooManyTags, create_tag, delete_tag, update_tag
from rest.errors import Forbidden, NotFound
from tests import factories
from tests.integrations.objects.world import World

pytestmark = pytest.mark.django_db
NEW, STAYS, LOST = (False, True), (True, True), (True, False)


def test_new_tag_is_told_to_all_whom_it_names() -> None:
    world = World()
    policy = {world.alice.pk: 4, world.bob.pk: 2, world.carol.pk: 0}
    tag = create_tag(owner=world.alice, actor=world.by_alice, label="Work", foreign_use=True, policy=policy)
    data = {
        "label": "Work",
        "owner_id": str(world.alice.pk),
        "foreign_use": True,
        "policy": {str(world.alice.pk): 4, str(world.bob.pk): 2},
    }
    assert world.told_last("tag.created") == (data, {"alice": NEW, "bob": NEW})
    assert [access.level_in(person, tag) for person in (world.alice, world.bob, world.carol)] == [4, 2, 0]


def test_change_of_a_policy_tells_who_had_access_and_who_has() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    update_tag(tag=tag, actor=world.by_alice, policy={world.bob.pk: 0, world.carol.pk: 3})
    data, people = world.told_last("tag.updated")
    assert data["policy"] == {str(world.alice.pk): 4, str(world.bob.pk): 0, str(world.carol.pk): 3}
    assert people == {"alice": STAYS, "bob": LOST, "carol": NEW}
    changes = Activity.objects.get(kind="tag.updated").changes
    assert changes == {"policy": [{str(world.bob.pk): 1}, {str(world.carol.pk): 3}]}


def test_whom_a_policy_does_not_name_keeps_the_level() -> None:
    world = World()
    tag = world.tag(bob=Level.WRITE)
    update_tag(tag=tag, actor=world.by_alice, policy={world.carol.pk: 1}, label="Friends and family")
    assert tags.levels_of(tag) == {str(world.bob.pk): 2, str(world.carol.pk): 1}
    assert Tag.objects.get().label == "Friends and family"


def test_nothing_changed_is_no_activity() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    update_tag(tag=tag, actor=world.by_alice, label="Friends", policy={world.bob.pk: 1, world.carol.pk: 0})
    assert world.told("tag.updated") == []


def test_objects_come_and_go_by_a_policy() -> None:
    """Only for those who have no other way to them."""
    world = World()
    tag, other = world.tag(bob=Level.READ), world.tag("Other", bob=Level.READ)
    shared, still_shared = world.contact(tag), world.contact(tag, other, description="Eva")
    trashed = delete_object(one=world.contact(tag), actor=world.by_alice)
    update_tag(tag=tag, actor=world.by_alice, policy={world.bob.pk: 0, world.carol.pk: 1})
    lost = {"object_type": "contact", "label": "Hans Mustermann", "owner_id": str(world.alice.pk)}
    assert world.told("object.unshared") == [(lost, {"bob": LOST})]
    gained = [(data["label"], data["tags"], people) for data, people in world.told("object.shared")]
    assert sorted(gained) == [
        ("Eva", [str(tag.pk), str(other.pk)], {"carol": NEW}),
        ("Hans Mustermann", [str(tag.pk)], {"carol": NEW}),
    ]
    assert [access.level_of(world.bob, one) for one in (shared, still_shared, trashed)] == [0, 1, 0]
    assert set(access.visible(world.carol)) == {shared, still_shared}


def test_policy_names_people_of_the_own_tenant_alone() -> None:
    world = World()
    foreigner = factories.user("foreigner", tenant=factories.tenant("another"))
    disabled = factories.user("disabled", disabled_since="2026-01-01T00:00:00Z")
    for person in (foreigner.pk, disabled.pk, uuid.uuid4()):
        with pytest.raises(ValidationError) as refused:
            create_tag(owner=world.alice, actor=world.by_alice, label="Work", policy={person: 1})
        assert list(refused.value.detail) == [f"policy.{person}"]
    assert not Tag.objects.exists()


@pytest.mark.parametrize(("who", "level"), [("alice", 1), ("bob", 4), ("bob", 5), ("bob", -1)])
def test_only_the_owner_has_the_owners_level(who: str, level: int) -> None:
    world = World()
    with pytest.raises(ValidationError):
        create_tag(owner=world.alice, actor=world.by_alice, label="Work", policy={getattr(world, who).pk: level})


def test_policy_and_tags_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(tags, "MOST_GRANTS", 1)
    with pytest.raises(ValidationError):
        update_tag(tag=world.tag(bob=Level.READ), actor=world.by_alice, policy={world.carol.pk: 1})
    monkeypatch.setattr(tags, "MOST_TAGS", 1)
    with pytest.raises(TooManyTags):
        create_tag(owner=world.alice, actor=world.by_alice, label="Work")


def test_deleted_tag_takes_objects_away() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    one = world.contact(tag)
    delete_tag(tag=tag, actor=world.by_alice)
    assert world.told_last("tag.deleted") == ({"label": "Friends"}, {"alice": LOST, "bob": LOST})
    assert [people for _data, people in world.told("object.unshared")] == [{"bob": LOST}]
    assert not access.visible(world.bob).exists()
    assert access.found(world.alice, one.pk) == one
    for late in (lambda: delete_tag(tag=tag, actor=world.by_alice), lambda: update_tag(tag=tag, actor=world.by_alice)):
        with pytest.raises(NotFound):
            late()


def test_tag_is_found_by_whom_it_names() -> None:
    world = World()
    tag = world.tag(bob=Level.PROPAGATE)
    assert access.tag(world.bob, tag.pk) == tag
    with pytest.raises(Forbidden):
        access.tag(world.bob, tag.pk, level=Level.OWNER)
    with pytest.raises(NotFound):
        access.tag(world.carol, tag.pk)


def test_policy_costs_the_same_however_many_objects_have_the_tag() -> None:
    world = World()
    counts = []
    for number in (1, 5):
        tag = world.tag(bob=Level.READ)
        for _each in range(number):
            world.contact(tag)
        with CaptureQueriesContext(connection) as statements:
            update_tag(tag=tag, actor=world.by_alice, policy={world.bob.pk: 0, world.carol.pk: 2})
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert Grant.objects.count() == 2
