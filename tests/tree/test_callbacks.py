"""Callbacks in the real process tree: a worker that is killed loses none, and what it doubles has the same id."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database
from tests.local_server import Asked, LocalServer, Reply
from tests.site import Site, is_alive, wait_until

pytestmark = pytest.mark.tree


@pytest.fixture
def receiver() -> Iterator[LocalServer]:
    with LocalServer() as server:
        server.otherwise = lambda _asked: Reply()
        yield server


def test_worker_killed_between_answer_and_commit(tmp_path: Path, database: Database, receiver: LocalServer) -> None:
    site = Site(
        tmp_path,
        DATABASE_URL=database.url,
        CALLBACK_ALLOW_HTTP="true",
        CALLBACK_ALLOWED_PORTS=str(receiver.port),
        CALLBACK_ALLOWED_NETWORKS="127.0.0.0/8",
        CALLBACK_SWEEP_SECONDS="2",
    )
    killed: list[int] = []

    def kill(asked: Asked) -> Reply:
        """The third one arrives; who sent it never learns so."""
        if asked.body == b"2" and not killed:
            killed.append(site.child("worker"))
            os.kill(killed[0], signal.SIGKILL)
        return Reply()

    receiver.otherwise = kill

    def states() -> list[str]:
        return [state for (state,) in database.rows("SELECT state FROM deliveries_delivery ORDER BY position")]

    with site:
        site.manage("-m", "tests.tree.callbacks", "queue", f"{receiver.url}/callback", "6")
        wait_until(lambda: bool(killed), 60, "the worker is killed")
        wait_until(lambda: not is_alive(killed[0]), 5, "the worker is dead")
        assert states()[2] == "sending"
        site.manage("-m", "tests.tree.callbacks", "expire")
        wait_until(lambda: set(states()) == {"delivered"}, 60, "all are delivered")
    ids = Counter(asked.headers["webhook-id"] for asked in receiver.asked)
    again = {asked.headers["webhook-id"] for asked in receiver.asked if asked.body == b"2"}
    assert len(ids) == 6
    assert len(again) == 1
    assert ids[again.pop()] == 2
    for key in (0, 1):
        arrived = [int(asked.body) for asked in receiver.asked if int(asked.body) % 2 == key]
        assert arrived == sorted(arrived)
