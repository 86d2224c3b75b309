"""`manage.py run` as a process: what it says, what it brings back, and that it leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import ROOT, START_SECONDS, STOP_SECONDS, Site, is_alive, wait_until

pytestmark = pytest.mark.tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests: the second start is what most people see."""
    return tmp_path_factory.mktemp("site")


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    with Site(folder) as running:
        yield running


def test_it_says_what_to_open_and_brings_back_who_died(site: Site, folder: Path) -> None:
    for told in (f"{site.url}/v1/docs", f"{site.url}/admin/", f"{site.url}/oidc", "alice@example.com", "charlie"):
        assert told in site.printed
    assert f"{folder}/mails" in site.printed
    assert site.password in site.printed
    died = site.child("uvicorn")
    os.kill(died, signal.SIGKILL)
    wait_until(lambda: not is_alive(died), 5, "the web server is dead")
    wait_until(site.answers, START_SECONDS, "there is another one")
    assert "web ended with status -9" in site.printed
    assert site.stop(signal.SIGTERM) == 0
    assert "Stopped." in site.printed


def test_nothing_survives_a_kill(site: Site) -> None:
    assert site.stop(signal.SIGKILL) == -signal.SIGKILL
    assert not site.answers()


def test_second_signal_does_not_wait_for_children(site: Site) -> None:
    frozen = site.child("worker")
    os.kill(frozen, signal.SIGSTOP)
    assert site.process is not None
    site.process.send_signal(signal.SIGINT)
    wait_until(lambda: not site.answers(), 8, "the web server has stopped")
    assert is_alive(frozen)
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(STOP_SECONDS) == 0
    assert not is_alive(frozen)


def test_taken_port_is_told_at_once(folder: Path) -> None:
    site = Site(folder)
    with socket.create_server(("127.0.0.1", site.port)):
        command = [sys.executable, "manage.py", "run"]
        done = subprocess.run(
            command, cwd=ROOT, env=site.environment, capture_output=True, text=True, check=False, timeout=30
        )
    assert done.returncode == 1
    assert f"Cannot listen at 127.0.0.1 port {site.port}" in done.stderr
    assert "PORT=" in done.stderr
