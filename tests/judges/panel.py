"""The judges: libraries that read calendar objects, none of them ours. Each reads a list of objects in one process."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.calendars.libical import need_libical
from tests.judges.node import installed, missing

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PHP = Path("/usr/share/php")
Request = dict[str, Any]  # ics, from, to
Answer = dict[str, Any]


def ical_js(requests: Sequence[Request]) -> list[Answer]:
    return _in_node("ical.js", requests)


def node_ical(requests: Sequence[Request]) -> list[Answer]:
    return _in_node("node-ical", requests)


def libical(requests: Sequence[Request]) -> list[Answer]:
    need_libical()
    return _answers([sys.executable, "-m", "tests.judges.libical_reader"], requests)


def sabre(requests: Sequence[Request]) -> list[Answer]:
    return _in_php("read", requests)


def sabre_broker(requests: Sequence[Request]) -> list[Answer]:
    """What is left in one calendar after all that was `received`."""
    return _in_php("broker", requests)


def sabre_reply(ics: str, partstat: str) -> str:
    """What an attendee's calendar sends back for a REQUEST."""
    (answer,) = _in_php("reply", [{"ics": ics, "partstat": partstat}])
    return str(answer["ics"])


JUDGES: dict[str, Callable[[Sequence[Request]], list[Answer]]] = {
    "ical.js": ical_js,
    "node-ical": node_ical,
    "libical": libical,
    "sabre": sabre,
}


def _in_node(name: str, requests: Sequence[Request]) -> list[Answer]:
    return _answers(["node", str(HERE / "read.cjs"), str(installed(HERE)), name], requests)


def _in_php(mode: str, requests: Sequence[Request]) -> list[Answer]:
    if not (shutil.which("php") and (PHP / "Sabre/VObject/includes.php").exists()):
        missing("PHP with sabre/vobject is missing (Debian: apt install php-cli php-sabre-vobject)")
    return _answers(["php", str(HERE / "sabre.php"), str(PHP), mode], requests)


def _answers(command: list[str], requests: Sequence[Request]) -> list[Answer]:
    """Days are days in the judge's own zone: here UTC."""
    environment = os.environ | {"TZ": "UTC"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, input=json.dumps(requests), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[Answer] = json.loads(done.stdout)
    return found
