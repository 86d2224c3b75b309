"""Each event of the seed is the end of some trigger: a test that causes it and reads it in a session's stream."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.integrations.cospace.schemas import PAYLOADS

HERE = Path(__file__).parent
# These check names and shapes, and cause nothing.
NO_TRIGGER = {"schemas.py", "test_schemas.py", "test_every_event.py"}
READS = {"told", "names", "events"}


@cache
def proven() -> set[str]:
    """The names in tests that read a stream by the conformance client, which holds each event against its schema."""
    found: set[str] = set()
    for path in HERE.parent.rglob("test_*.py"):
        if path.name in NO_TRIGGER:
            continue
        for test in ast.parse(path.read_text()).body:
            nodes = list(ast.walk(test))
            if any(isinstance(node, ast.Attribute) and node.attr in READS for node in nodes):
                found |= {
                    node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
                }
    return found & set(PAYLOADS)


@pytest.mark.parametrize("name", PAYLOADS)
def test_event_has_a_trigger(name: str) -> None:
    assert name in proven()
