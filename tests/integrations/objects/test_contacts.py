"""Contacts: an object whose description is the name."""

from typing import Any

import pytest

from activity.models import Activity
from integrations.objects.models import Contact
from integrations.objects.services.contacts import create_contact, update_contact
from integrations.objects.services.objects import delete_object
from rest.errors import NotFound
from tests.integrations.objects.world import World

pytestmark = pytest.mark.django_db


def contact(world: World, **fields: Any) -> Contact:
    given: dict[str, Any] = {"given_name": "Hans", "family_name": "Mustermann"} | fields
    return create_contact(owner=world.alice, actor=world.by_alice, **given)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "Hans Mustermann"),
        ({"given_name": "", "organization": "ACME"}, "Mustermann"),
        ({"given_name": "", "family_name": "", "organization": "ACME"}, "ACME"),
        ({"given_name": "x" * 255, "family_name": "y" * 255}, "x" * 255),
    ],
)
def test_contact_is_called_by_its_name(fields: dict[str, str], name: str) -> None:
    world = World()
    one = contact(world, **fields).object
    assert (one.type, one.description) == ("contact", name)
    assert world.told_last("object.created")[0]["label"] == name


def test_change_says_what_changed() -> None:
    world = World()
    numbers = [{"label": "work", "value": "+49 30 123"}]
    changed = update_contact(contact=contact(world), actor=world.by_alice, family_name="Meier", numbers=numbers)
    assert (changed.object.description, changed.numbers) == ("Hans Meier", numbers)
    assert Activity.objects.get(kind="object.updated").changes == {
        "family_name": ["Mustermann", "Meier"],
        "numbers": [[], numbers],
        "description": ["Hans Mustermann", "Hans Meier"],
    }
    update_contact(contact=changed, actor=world.by_alice, family_name="Meier")
    assert len(world.told("object.updated")) == 1


def test_contact_in_the_trash_is_not_changed() -> None:
    world = World()
    one = contact(world)
    delete_object(one=one.object, actor=world.by_alice)
    with pytest.raises(NotFound):
        update_contact(contact=one, actor=world.by_alice, family_name="Meier")
