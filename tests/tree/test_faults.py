"""Senders die and get in each other's way: no mail is lost, at most one arrives twice, and then as the same message."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS, Database, fresh_database
from tests.site import ROOT, Site, is_alive, wait_until
from tests.smtp_sink import Received, SmtpSink

pytestmark = pytest.mark.tree
CLAIM_SECONDS = 3
SENDER = "import django; django.setup(); from mailer.send import deliver_due; deliver_due()"


@pytest.fixture(scope="module", params=KINDS)
def migrated(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Database]]:
    """Migrations take longer than the tests: they are done once for all of them."""
    folder = tmp_path_factory.mktemp("migrated")
    with fresh_database(request.param, folder) as made:
        Site(folder, DATABASE_URL=made.url).manage("setup")
        yield request.param, made


@pytest.fixture
def database(migrated: tuple[str, Database], tmp_path: Path) -> Iterator[Database]:
    kind, template = migrated
    with fresh_database(kind, tmp_path, template=template) as copy:
        yield copy


@pytest.fixture
def site(tmp_path: Path, database: Database, sink: SmtpSink) -> Site:
    """Not started: tests that need no web server run senders only."""
    return Site(
        tmp_path,
        DATABASE_URL=database.url,
        EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
        MAIL_CLAIM_SECONDS=str(CLAIM_SECONDS),
        MAIL_SWEEP_SECONDS="2",
    )


def sender(site: Site) -> subprocess.Popen[bytes]:
    environment = site.environment | {"DJANGO_SETTINGS_MODULE": "opentalk_site.settings"}
    return subprocess.Popen([sys.executable, "-c", SENDER], cwd=ROOT, env=environment)


def states(database: Database) -> list[tuple[str, int]]:
    return database.rows("SELECT state, attempts FROM mailer_outgoingmail ORDER BY address")


def message_ids(sink: SmtpSink) -> Counter[str]:
    return Counter(mail.message["Message-ID"] for mail in sink.received)


def test_worker_killed_between_accept_and_commit(site: Site, database: Database, sink: SmtpSink) -> None:
    """The server has the mail, its row cannot say so: the row is locked when the server answers, until the kill."""
    accepted = threading.Event()
    with ExitStack() as lock:

        def accept(mail: Received) -> None:
            sink.before_answer = lambda _mail: None
            lock.enter_context(database.read_only())
            accepted.set()

        sink.before_answer = accept
        with site:
            site.manage("-m", "tests.tree.queue_mails", "3")
            assert accepted.wait(60)
            sink.wait_for(1)
            time.sleep(0.5)
            worker = site.child("worker")
            os.kill(worker, signal.SIGKILL)
            wait_until(lambda: not is_alive(worker), 5, "the worker is dead")
            lock.close()
            assert [state for state, _attempts in states(database)].count("sending") == 1
            sink.wait_for(4)
            wait_until(lambda: {state for state, _attempts in states(database)} == {"sent"}, 20, "all are sent")
            assert f"worker ended with status {-signal.SIGKILL}" in site.printed
    assert sorted(message_ids(sink).values()) == [1, 1, 2]
    assert sorted(attempts for _state, attempts in states(database)) == [1, 1, 2]


def test_two_senders_share_the_work(site: Site, database: Database, sink: SmtpSink) -> None:
    site.manage("-m", "tests.tree.queue_mails", "12")
    sink.before_answer = lambda _mail: time.sleep(0.2)
    senders = [sender(site), sender(site)]
    assert [process.wait(60) for process in senders] == [0, 0]
    assert set(message_ids(sink).values()) == {1}
    assert states(database) == [("sent", 1)] * 12


def test_sender_that_overslept_its_claim_doubles_one_mail(site: Site, database: Database, sink: SmtpSink) -> None:
    site.manage("-m", "tests.tree.queue_mails", "1")
    second_is_done = threading.Event()

    def hold_the_first(_mail: Received) -> None:
        sink.before_answer = lambda _mail: None
        second_is_done.wait(60)

    sink.before_answer = hold_the_first
    slow = sender(site)
    wait_until(lambda: states(database)[0] == ("sending", 1), 60, "the first sender has it")
    time.sleep(CLAIM_SECONDS + 0.5)
    assert sender(site).wait(60) == 0
    assert states(database) == [("sent", 2)]
    second_is_done.set()
    assert slow.wait(60) == 0
    assert list(message_ids(sink).values()) == [2]
    assert states(database) == [("sent", 2)]


def test_process_killed_while_it_splits_a_series_leaves_the_series_whole(site: Site, database: Database) -> None:
    site.manage("-m", "tests.tree.split_series", "plan")
    tables = ("events_event", "events_agenda", "invites_emailinvite", "activity_activity", "mailer_outgoingmail")
    before = [database.rows(f"SELECT * FROM {table}") for table in tables]
    command = [sys.executable, "-m", "tests.tree.split_series", "split"]
    assert subprocess.run(command, cwd=ROOT, env=site.environment, check=False).returncode == -signal.SIGKILL
    assert [database.rows(f"SELECT * FROM {table}") for table in tables] == before
