"""The schemas of events say what the seed says: its examples, one for each event, are valid by them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

from tests.integrations.cospace.schemas import PAYLOADS, check

SEEDS = Path(__file__).parents[2] / "seeds/cospace/events.json"
EXAMPLES: dict[str, Any] = json.loads(SEEDS.read_text())


def test_every_event_of_the_seed_has_a_schema() -> None:
    assert list(PAYLOADS) == list(EXAMPLES)
    assert len(PAYLOADS) == 56


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_seeds_example_is_valid(name: str) -> None:
    check({"id": 42, "event": name, "time": 2182782732} | EXAMPLES[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_other_member_is(name: str) -> None:
    with pytest.raises(ValidationError):
        check({"id": 42, "event": name, "time": 2182782732, "colour": "red"} | EXAMPLES[name])
