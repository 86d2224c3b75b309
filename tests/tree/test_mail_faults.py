"""Many mails go out while workers are killed and servers misbehave: none is lost, a fault doubles one at most."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.databases import KINDS, Database, Postgresql, fresh_database
from tests.line import Line
from tests.site import ROOT, Site, wait_until
from tests.smtp_sink import OK, Received, SmtpSink

pytestmark = pytest.mark.tree
CLAIM_SECONDS = 5  # a busy machine must not make a worker oversleep
TIMEOUT_SECONDS = 2


@pytest.fixture(scope="module", params=KINDS)
def migrated(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Database]]:
    folder = tmp_path_factory.mktemp("migrated")
    with fresh_database(request.param, folder) as made:
        Site(folder, DATABASE_URL=made.url).manage("setup")
        yield request.param, made


@pytest.fixture
def database(migrated: tuple[str, Database], tmp_path: Path) -> Iterator[Database]:
    kind, template = migrated
    with fresh_database(kind, tmp_path, template=template) as copy:
        yield copy


def site_of(folder: Path, database_url: str, sink: SmtpSink) -> Site:
    """Not started: nothing but senders runs."""
    return Site(
        folder,
        DATABASE_URL=database_url,
        EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
        EMAIL_TIMEOUT_SECONDS=str(TIMEOUT_SECONDS),
        MAIL_CLAIM_SECONDS=str(CLAIM_SECONDS),
        LOG_LEVEL="CRITICAL",
    )


def start(site: Site) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.tree.send_for_ever"], cwd=ROOT, env=site.environment)


@contextmanager
def workers(site: Site, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Those in the list at the end are killed."""
    running = [start(site) for _number in range(count)]
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def states(database: Database) -> Counter[str]:
    return Counter(dict(database.rows("SELECT state, count(*) FROM mailer_outgoingmail GROUP BY state")))


def arrived(sink: SmtpSink) -> Counter[str]:
    return Counter(mail.recipient for mail in sink.received)


def everybody(count: int) -> set[str]:
    return {f"guest{number}@{number % 10}.example.org" for number in range(count)}


def test_workers_are_killed_while_a_thousand_mails_go_out(tmp_path: Path, database: Database, sink: SmtpSink) -> None:
    site, kills = site_of(tmp_path, database.url, sink), 6
    site.manage("-m", "tests.tree.queue_many", "1000")
    with workers(site, 2) as running:
        for number in range(kills):
            before = len(sink.received)
            wait_until(lambda before=before: len(sink.received) > before, 30, "mails go out")  # type: ignore[misc]
            time.sleep(random.uniform(0, 0.5))
            running[number % 2].send_signal(signal.SIGKILL)
            running[number % 2].wait()
            running[number % 2] = start(site)
        wait_until(lambda: states(database) == {"sent": 1000}, 60, "all are sent")
    found = arrived(sink)
    assert set(found) == everybody(1000)
    assert sum(found.values()) <= 1000 + kills
    assert set(found.values()) <= {1, 2}
    (unfinished,) = database.rows("SELECT count(*) FROM mailer_mailattempt WHERE outcome = ''")
    assert unfinished[0] <= kills


def test_server_refuses_drops_throttles_and_hangs(tmp_path: Path, database: Database, sink: SmtpSink) -> None:
    site, count = site_of(tmp_path, database.url, sink), 200
    refused = {f"guest{number}@{number % 10}.example.org" for number in range(9, count, 10)}
    sink.refused = dict.fromkeys(refused, "550 5.1.1 No such mailbox")
    dropped, throttled, hung = {"guest12@2.example.org", "guest33@3.example.org"}, Counter[str](), []

    def drops(address: str) -> bool:
        """Once for each of them."""
        is_dropped = address in dropped
        dropped.discard(address)
        return is_dropped

    def answer(address: str, _peer: Any) -> str:
        if address.endswith("@5.example.org") and throttled[address] == 0 and throttled.total() < 2:
            throttled[address] += 1
            return "421 4.7.0 Try again later"
        return OK

    def hang(mail: Received) -> str | None:
        if mail.recipient != "guest41@1.example.org" or hung:
            return None
        hung.append(mail)
        time.sleep(TIMEOUT_SECONDS + 1)
        return "451 4.3.0 Nobody waits for this"

    sink.drops, sink.answers, sink.before_answer = drops, answer, hang
    site.manage("-m", "tests.tree.queue_many", str(count))
    with workers(site, 2):
        wanted = {"sent": count - len(refused), "failed": len(refused)}
        wait_until(lambda: states(database) == wanted, 60, "all that can be sent are")
    assert (len(refused), dropped, len(hung)) == (count // 10, set(), 1)
    assert throttled.total() >= 1
    assert arrived(sink) == Counter(everybody(count) - refused)
    codes = database.rows("SELECT DISTINCT smtp_code FROM mailer_mailattempt WHERE outcome = 'refused'")
    assert [code for (code,) in codes] == [550]


def test_server_that_is_away_and_comes_back(tmp_path: Path, database: Database, sink: SmtpSink) -> None:
    site, count = site_of(tmp_path, database.url, sink), 100
    with Line(sink.port) as line, ExitStack() as stack:
        site.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{line.port}"
        line.cut()
        site.manage("-m", "tests.tree.queue_many", str(count))
        stack.enter_context(workers(site, 2))
        wait_until(lambda: states(database)["retry"] > 0, 30, "a worker has tried")
        line.join()
        sink.before_answer = lambda _mail: time.sleep(0.02)
        for cut in range(3):
            wait_until(lambda cut=cut: len(sink.received) > 10 * (cut + 1), 30, "mails go out")  # type: ignore[misc]
            line.cut()
            line.join()
        wait_until(lambda: states(database) == {"sent": count}, 40, "all are sent")
    found = arrived(sink)
    assert set(found) == everybody(count)
    # A cut meets both workers, each between the server's acceptance and its own reading of it.
    assert sum(found.values()) <= count + 2 * 3


def test_database_that_goes_away_and_comes_back(tmp_path: Path, database: Database, sink: SmtpSink) -> None:
    if not isinstance(database, Postgresql):
        pytest.skip("SQLite is a file")
    count, cuts = 300, 3
    with Line(5432) as line:
        site = site_of(tmp_path, database.url.replace(":5432", f":{line.port}"), sink)
        site.manage("-m", "tests.tree.queue_many", str(count))
        with workers(site, 2) as running:
            for cut in range(cuts):
                wait_until(lambda cut=cut: len(sink.received) > 40 * (cut + 1), 30, "mails go out")  # type: ignore[misc]
                line.cut()
                time.sleep(0.3)
                line.join()
            wait_until(lambda: states(database) == {"sent": count}, 60, "all are sent")
            assert [process.poll() for process in running] == [None, None]
    found = arrived(sink)
    assert set(found) == everybody(count)
    assert sum(found.values()) <= count + 2 * cuts
