"""The machine of test_replicas.py notices each of these bugs: the code is broken in a copy, one way at a time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site import ROOT

pytestmark = pytest.mark.deep
RUN = """
import django; django.setup()
from tests.signaling.test_replicas import run
run(max_examples=100, step_count=40, is_thorough=False)
"""
# What goes wrong: file, what is there, what takes its place.
BUGS = {
    "who comes is shown to moderators only": (
        "presence.py",
        'yield Tell(room.others(person), "joined", person)',
        'yield Tell(room.moderators(), "joined", person)',
    ),
    "who leaves one room leaves all of them": ("presence.py", "Send(room.here(person), {", "Send(room.everyone(), {"),
    "the other moderators do not learn who waits": (
        "presence.py",
        'yield Send(room.moderators(), {"message": "joined_waiting_room"',
        'yield Send(room.moderators()[:1], {"message": "joined_waiting_room"',
    ),
    "who was accepted still waits for the moderators": (
        "modules/control.py",
        "    yield from presence.left_waiting_room(room, who)\n",
        "",
    ),
    "a new moderator does not learn who waits": (
        "modules/moderation.py",
        "for person in room.waiting():\n        yield send(who",
        "for person in ():\n        yield send(who",
    ),
    "nobody tells a person of the new role": (
        "presence.py",
        '    yield Send([person], {"message": "role_updated", "new_role": role}, "control")\n',
        "",
    ),
    "who is kicked keeps the socket": (
        "presence.py",
        "    yield Close(gone, NORMAL)\n    yield from leave",
        "    yield from leave",
    ),
    "everybody may moderate": ("steps.py", "isinstance(given, ModeratorCommand) and who.is_joined", "False"),
    "who comes back by another socket comes twice": (
        "steps.py",
        'perform(room, [Close([known]), *presence.leave(room, known, "quit")], "control")',
        'perform(room, [Close([known])], "control")',
    ),
    "who comes back is spoken to at the old socket": (
        "steps.py",
        "if known is None or known.connection == comer.connection:",
        "if True:",
    ),
    "people of other rooms are listed": (
        "steps.py",
        "person.place == who.place and not person.is_waiting",
        "not person.is_waiting",
    ),
    "hands that a moderator lowers stay up for others": (
        "modules/moderation.py",
        "        yield from presence.update(room, person)\n        yield Happened(HandChanged(person))",
        "        yield Happened(HandChanged(person))",
    ),
    "the recorder is seen": ("room.py", "return self.kind == Kind.RECORDER", "return False"),
    "who comes to one's own room is elsewhere too": (
        "modules/breakout.py",
        'yield send(_elsewhere(room, who), "joined"',
        'yield send(room.others(who), "joined"',
    ),
}


def test_bugs_are_noticed(tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "var", "node_modules", "__pycache__"))
    assert "AssertionError" not in _run(copy)
    missed = []
    for bug, (name, old, new) in BUGS.items():
        path = copy / "signaling" / name
        source = path.read_text()
        assert source.count(old) == 1, f"{bug}: {name} has changed"
        path.write_text(source.replace(old, new))
        if "AssertionError" not in _run(copy):
            missed.append(bug)
        path.write_text(source)
    assert missed == []


def _run(folder: Path) -> str:
    """What it complains of."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUN], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or "AssertionError" in done.stderr, done.stderr[-2000:]
    return done.stderr
