"""Texts that are compared whole with files in tests/mails/. `make goldens` writes these anew: read the difference."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "mails"
IS_WRITING = os.environ.get("GOLDENS") == "write"


def assert_golden(name: str, found: str | bytes) -> None:
    """`name` is a path below the folder, e.g. ics/external_event_invite.single.ics. Line ends count."""
    path, data = FOLDER / name, found.encode() if isinstance(found, str) else found
    if IS_WRITING:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert path.is_file(), f"tests/mails/{name} is missing: make goldens"
    assert data.decode() == path.read_bytes().decode()


def assert_no_others(pattern: str, names: set[str]) -> None:
    """Each file that `pattern` (e.g. ics/*.ics) finds below the folder is the golden of a test."""
    others = {path for path in FOLDER.glob(pattern) if str(path.relative_to(FOLDER)) not in names}
    if IS_WRITING:
        for path in others:
            path.unlink()
        return
    assert not others, "make goldens removes them"
