"""Programs in Node that judge what is ours: installed as locked, below var/."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import services

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCKED = ("package.json", "package-lock.json")


def installed(package: Path) -> Path:
    """The folder that what `package` locks is installed in."""
    if not (shutil.which("npm") and _major_version_of_node() >= 20):
        missing("Node 20 or newer with npm is missing (Debian: apt install nodejs npm)")
    folder = ROOT / "var" / package.relative_to(HERE.parent)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "node_modules" / ".package-lock.json"
    if stamp.exists() and all((folder / name).read_bytes() == (package / name).read_bytes() for name in LOCKED):
        return folder
    for name in LOCKED:
        shutil.copy(package / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        missing(f"npm could not install what {package.name} needs: {done.stderr.strip()[-300:]}")
    return folder


def _major_version_of_node() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.removeprefix("v").partition(".")[0])


def missing(reason: str) -> None:
    (pytest.fail if services.is_ci() else pytest.skip)(reason)
