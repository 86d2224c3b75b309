"""Folders that cannot be used, and why, in words for the administrator."""

import errno
import os
from pathlib import Path
from tempfile import TemporaryFile


def make(folder: Path) -> None:
    """Makes the folder where there is none, and tries to write to it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    TemporaryFile(dir=folder).close()


def reason(path: Path, error: OSError) -> str:
    """Why nothing can be read or written there."""
    if error.errno == errno.EROFS:
        return f"{path} is on a read-only disk"
    if error.errno in {errno.EACCES, errno.EPERM}:
        there = next(folder for folder in (path, *path.absolute().parents) if os.path.lexists(folder))
        return f"{there} belongs to {_owner(there)} and is not accessible"
    return f"{path} cannot be used: {error.strerror}"


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (KeyError, OSError):
        return "another user"
