"""Whoever acts is recorded: each public service that takes an actor calls record(), or calls what does."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SERVICES = (
    "users",
    "imports",
    "rooms",
    "invites",
    "mailer",
    "events/services",
    "signaling",
    "site_settings",
    "integrations",
)
PARTS = {"save_change"}  # of changes that their callers record


def functions() -> Iterator[tuple[ast.FunctionDef, set[str]]]:
    """Each function of a service's module, with the names that it calls."""
    for folder in SERVICES:
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text()
            if "migrations" in path.parts or not ("services" in path.parts or "activity.log import " in source):
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.FunctionDef):
                    yield node, set(called(node))


def called(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_every_service_with_an_actor_records() -> None:
    calls: dict[str, set[str]] = {}
    acting = set()
    for function, names in functions():
        calls.setdefault(function.name, set()).update(names)
        arguments = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        if "actor" in arguments and not function.name.startswith("_"):
            acting.add(function.name)
    recording = {"record", "record_all"}
    while more := {name for name, names in calls.items() if names & recording} - recording:
        recording |= more
    assert len(acting) > 30
    assert sorted(acting - recording - PARTS) == []
