"""redocly and spectral find nothing in the published OpenAPI document; run by `make test-judges`."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.judges.node import HERE, ROOT, installed

pytestmark = pytest.mark.judge
PACKAGE = HERE / "openapi"
DOCUMENT = ROOT / "docs" / "openapi.json"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def said(program: str, *arguments: str) -> Any:
    """What the linter says of the document, as JSON."""
    command = ["node", str(installed(PACKAGE) / "node_modules" / ".bin" / program), "lint", *arguments, str(DOCUMENT)]
    done = subprocess.run(command, cwd=PACKAGE, env=os.environ | QUIET, capture_output=True, text=True, check=False)
    assert done.stdout.strip(), done.stderr
    return json.loads(done.stdout)


def test_redocly_finds_nothing() -> None:
    assert said("redocly", "--format=json")["problems"] == []


def test_spectral_finds_nothing() -> None:
    assert said("spectral", "--quiet", "--format=json", "--ruleset=spectral.yaml") == []
