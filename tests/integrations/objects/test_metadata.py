"""What programs keep for a person or an object: keys in reverse domain notation, any JSON that is not too large."""

from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from integrations.objects.models import Level, ObjectMetadata, UserMetadata
from integrations.objects.services import metadata
from integrations.objects.services.metadata import change_object_metadata, change_user_metadata
from tests.integrations.objects.world import World

pytestmark = pytest.mark.django_db
STAYS = (True, True)
NICE, STAMP = "com.otherdomain.client.nice", "com.otherdomain.client.timestamp"


def test_user_metadata_is_told_to_the_person_alone() -> None:
    world = World()
    change = {"user": world.alice, "actor": world.by_alice}
    assert change_user_metadata(**change, update={NICE: True, STAMP: 1324899645}) == {NICE: True, STAMP: 1324899645}
    assert change_user_metadata(**change, update={NICE: False, STAMP: 1324899645}, delete=["de.unknown"]) == {
        NICE: False,
        STAMP: 1324899645,
    }
    assert change_user_metadata(**change, update={}, delete=[STAMP]) == {NICE: False}
    assert world.told("user.metadata_changed") == [
        ({"update": {NICE: True, STAMP: 1324899645}, "delete": []}, {"alice": STAYS}),
        ({"update": {NICE: False}, "delete": []}, {"alice": STAYS}),
        ({"update": {}, "delete": [STAMP]}, {"alice": STAYS}),
    ]


def test_object_metadata_is_told_to_all_who_can_read_the_object() -> None:
    world = World()
    one = world.contact(world.tag(bob=Level.READ))
    assert change_object_metadata(one=one, actor=world.by_alice, update={NICE: [1, {"a": None}]}) == {
        NICE: [1, {"a": None}]
    }
    about = {"object_type": "contact", "label": "Hans Mustermann", "owner_id": str(world.alice.pk)}
    data = about | {"update": {NICE: [1, {"a": None}]}, "delete": []}
    assert world.told("object.metadata_changed") == [(data, {"alice": STAYS, "bob": STAYS})]
    assert change_object_metadata(one=one, actor=world.by_alice, update={}, delete=[NICE]) == {}


def test_nothing_changed_is_no_activity() -> None:
    world = World()
    one = world.contact()
    for value in (1, 1):
        change_object_metadata(one=one, actor=world.by_alice, update={NICE: value}, delete=["de.unknown"])
    assert len(world.told("object.metadata_changed")) == 1


def test_true_is_not_one() -> None:
    world = World()
    for value in (1, True, 1.5, "1"):
        change_user_metadata(user=world.alice, actor=world.by_alice, update={NICE: value})
    assert len(world.told("user.metadata_changed")) == 4


def test_key_in_both_lists_is_updated() -> None:
    world = World()
    for value in (1, 2):
        kept = change_user_metadata(user=world.alice, actor=world.by_alice, update={NICE: value}, delete=[NICE])
        assert kept == {NICE: value}


def deep(levels: int) -> Any:
    value: Any = 1
    for _level in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "update",
    [
        {"nice": 1}, {"": 1}, {".com": 1}, {"com.": 1}, {"com..x": 1}, {"com.exämple": 1}, {"com.example\0": 1},
        {"com.example\n": 1}, {"com." + "x" * 252: 1}, {NICE: None}, {NICE: "x" * 4095}, {NICE: deep(10)},
        {NICE: deep(900)}, {NICE: "\0"}, {NICE: {"\0": 1}}, {NICE: "\ud800"},
    ],
    ids=lambda update: ascii(update)[:40],
)  # fmt: skip
def test_keys_and_values_are_bounded(update: dict[str, Any]) -> None:
    world = World()
    with pytest.raises(ValidationError):
        change_user_metadata(user=world.alice, actor=world.by_alice, update=update)
    with pytest.raises(ValidationError):
        change_object_metadata(one=world.contact(), actor=world.by_alice, update=update)
    assert not UserMetadata.objects.exists()
    assert not ObjectMetadata.objects.exists()


@pytest.mark.parametrize("value", ["x" * 4094, deep(9), {"a": {"b": [1, 2, None, True, "ä"]}}, 2**63, -0.5, "\\u0000"])
def test_what_is_within_the_bounds_is_kept(value: Any) -> None:
    world = World()
    key = "com." + "x" * 251
    assert change_user_metadata(user=world.alice, actor=world.by_alice, update={key: value}) == {key: value}


def test_number_of_keys_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(metadata, "MOST_KEYS", 2)
    change = {"user": world.alice, "actor": world.by_alice}
    change_user_metadata(**change, update={"de.a": 1, "de.b": 1})
    with pytest.raises(ValidationError):
        change_user_metadata(**change, update={"de.c": 1})
    with pytest.raises(ValidationError):
        change_user_metadata(**change, update={"de.a": 2, "de.b": 2}, delete=["de.c"])
    assert change_user_metadata(**change, update={"de.c": 1}, delete=["de.a"]) == {"de.b": 1, "de.c": 1}
