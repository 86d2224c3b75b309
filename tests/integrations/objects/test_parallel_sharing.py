"""Two who change tags, objects and comments at once, on PostgreSQL: each change is told as it was."""

from collections.abc import Callable
from typing import Any

import pytest

from activity.actors import Actor
from integrations.objects import access
from integrations.objects.models import Comment, Level, Object
from integrations.objects.services.comments import create_comment
from integrations.objects.services.metadata import change_object_metadata, change_user_metadata
from integrations.objects.services.objects import delete_object, purge_object, restore_object
from integrations.objects.services.tagging import change_tags
from integrations.objects.services.tags import delete_tag, levels_of, update_tag
from integrations.objects.services.trash import purge_trash
from rest.errors import ApiError, NotFound
from tests.circle import Circle
from tests.integrations.objects.world import World
from tests.parallel import at_once, before_commit

pytestmark = [pytest.mark.usefixtures("postgresql"), pytest.mark.slow]
LOST, NEW = (True, False), (False, True)


def outcome(call: Callable[[], Any]) -> Callable[[], Any]:
    """What it returns, or the class of what it raises."""

    def run() -> Any:
        try:
            return call()
        except ApiError as error:
            return type(error)

    return run


def test_two_changes_of_a_policy_follow_each_other() -> None:
    world = World()
    tag = world.tag(bob=Level.READ)
    one = world.contact(tag)
    before_commit(
        lambda: update_tag(tag=tag, actor=world.by_alice, policy={world.carol.pk: 1}),
        lambda: update_tag(tag=tag, actor=world.by_alice, policy={world.bob.pk: 0}),
    )
    assert levels_of(tag) == {str(world.carol.pk): 1}
    told = [sorted(data["policy"].values()) for data, _people in world.told("tag.updated")]
    assert told == [[1, 1, 4], [0, 1, 4]]
    assert [people for _data, people in world.told("object.unshared")] == [{"bob": LOST}]
    assert access.level_of(world.carol, one) == Level.READ


def test_policies_of_two_tags_of_one_object_lose_a_reader_once() -> None:
    """Both take bob off; the second one sees that the first tag gives nothing any more."""
    world = World()
    first, second = world.tag(bob=Level.READ), world.tag("Second", bob=Level.READ)
    world.contact(first, second)
    before_commit(
        lambda: update_tag(tag=first, actor=world.by_alice, policy={world.bob.pk: 0}),
        lambda: update_tag(tag=second, actor=world.by_alice, policy={world.bob.pk: 0}),
    )
    assert [people for _data, people in world.told("object.unshared")] == [{"bob": LOST}]


def test_tag_is_not_attached_while_it_is_deleted() -> None:
    world = World()
    tag, one = world.tag(bob=Level.READ), world.contact()
    attach = outcome(lambda: change_tags(one=one, by=world.alice, actor=world.by_alice, add=[tag.pk]))
    late = before_commit(lambda: delete_tag(tag=tag, actor=world.by_alice), attach)
    assert late is NotFound
    assert world.told("object.shared") == []


def test_tag_is_deleted_while_it_is_attached() -> None:
    """Who was just given the object hears that it is gone."""
    world = World()
    tag, one = world.tag(bob=Level.READ), world.contact()
    before_commit(
        lambda: change_tags(one=one, by=world.alice, actor=world.by_alice, add=[tag.pk]),
        lambda: delete_tag(tag=tag, actor=world.by_alice),
    )
    assert [people for _data, people in world.told("object.shared")] == [{"bob": NEW}]
    assert [people for _data, people in world.told("object.unshared")] == [{"bob": LOST}]


def test_object_gets_no_tag_while_it_is_deleted() -> None:
    world = World()
    tag, one = world.tag(bob=Level.READ), world.contact()
    attach = outcome(lambda: change_tags(one=one, by=world.alice, actor=world.by_alice, add=[tag.pk]))
    assert before_commit(lambda: delete_object(one=one, actor=world.by_alice), attach) is NotFound


def test_two_sets_of_tags_attached_in_other_orders_do_not_wait_for_each_other_in_a_ring() -> None:
    world = World()
    tags = [world.tag(str(number), bob=Level.READ).pk for number in range(4)]
    ones = [world.contact() for _each in range(2)]
    calls = [
        lambda one=one, order=order: change_tags(one=one, by=world.alice, actor=world.by_alice, add=order)
        for one in ones
        for order in (tags, tags[::-1])
    ]
    at_once(calls)
    assert {one.tags.count() for one in ones} == {4}
    assert len(world.told("object.shared")) == 2


def test_change_of_a_policy_and_tags_do_not_wait_for_each_other_in_a_ring() -> None:
    world = World()
    tag, other = world.tag(bob=Level.READ), world.tag("Other")
    ones = [world.contact(tag) for _each in range(3)]
    calls: list[Callable[[], Any]] = [
        lambda: update_tag(tag=tag, actor=world.by_alice, policy={world.carol.pk: 1}),
        lambda: update_tag(tag=tag, actor=world.by_alice, policy={world.bob.pk: 0}),
        *(
            lambda one=one: change_tags(one=one, by=world.alice, actor=world.by_alice, add=[other.pk])
            for one in ones
        ),
    ]  # fmt: skip
    at_once(calls)
    assert levels_of(tag) == {str(world.carol.pk): 1}
    assert other.attachments.count() == 3


def test_first_comments_on_a_meeting_make_one_row() -> None:
    circle = Circle()
    found = access.found(circle.bob, circle.event.room_id)
    by = Actor.by_api(circle.bob)
    at_once([lambda: create_comment(one=found, author=circle.bob, text="Cake", actor=by)] * 4)
    assert (Object.objects.count(), Comment.objects.count()) == (1, 4)


def test_values_of_two_programs_are_both_kept() -> None:
    world = World()
    one = world.contact()
    keys = [f"com.example.key{number}" for number in range(4)]
    at_once([
        lambda key=key: change_object_metadata(one=one, actor=world.by_alice, update={key: 1}) for key in keys
    ])  # fmt: skip
    at_once([
        lambda key=key: change_user_metadata(user=world.alice, actor=world.by_alice, update={key: 1}) for key in keys
    ])  # fmt: skip
    assert one.metadata.count() == world.alice.metadata.count() == 4


@pytest.mark.parametrize("purge", [purge_object, restore_object])
def test_what_leaves_the_trash_leaves_it_once(purge: Callable[..., Any]) -> None:
    world = World()
    one = delete_object(one=world.contact(), actor=world.by_alice)
    found = at_once([outcome(lambda: purge(one=one, actor=world.by_alice))] * 2)
    assert [result is NotFound for result in found].count(True) == 1


def test_what_is_restored_meanwhile_is_not_purged() -> None:
    world = World()
    one = delete_object(one=world.contact(), actor=world.by_alice)
    late = before_commit(
        lambda: restore_object(one=one, actor=world.by_alice),
        lambda: purge_trash(user=world.alice, actor=world.by_alice),
    )
    assert late == 0
    assert Object.objects.get().deleted_at is None
