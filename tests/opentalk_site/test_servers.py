"""The documented web servers as processes: connections to PostgreSQL stay few, and no log holds a path."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.databases import KINDS, Database, fresh_database
from tests.site import ROOT, wait_until
from tests.smtp_sink import free_port

pytestmark = [pytest.mark.service, pytest.mark.slow]

CLIENTS = 32
REQUESTS = 5  # of each client
POOL = 6
COMMANDS = re.findall(r"^    ((?:gunicorn|uvicorn) .*)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("database")
    with fresh_database(request.param, folder) as made:
        manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(manage, cwd=ROOT, env=environment(made, folder), check=True)
        yield made


def environment(database: Database, folder: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "VAR_DIR": str(folder), "DATABASE_URL": database.url, "DATABASE_POOL_SIZE": str(POOL)}


@contextmanager
def served(command: str, database: Database, folder: Path) -> Iterator[tuple[int, Path]]:
    """The port, and what the server writes."""
    port, log = free_port(), folder / "server.log"
    words = re.sub(r"(127\.0\.0\.1:|--port )\d+", rf"\g<1>{port}", command).split()
    with log.open("wb") as output:
        server = subprocess.Popen(words, cwd=ROOT, env=environment(database, folder), stdout=output, stderr=output)
        try:
            wait_until(lambda: server.poll() is not None or is_serving(port), 60, "the server answers")
            assert server.poll() is None, log.read_text()
            yield port, log
        finally:
            server.terminate()
            server.wait(20)


def is_serving(port: int) -> bool:
    try:
        return bool(client(port, 1))
    except OSError:
        return False


def client(port: int, requests: int, code: str = "") -> list[int]:
    """The statuses of so many requests, one after the other."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        return [status(connection, code or str(uuid.uuid4())) for _number in range(requests)]


def status(connection: HTTPConnection, code: str) -> int:
    connection.request("GET", f"/invite/{code}", headers={"X-Forwarded-For": "192.0.2.7"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_crowd_gets_its_answers_through_few_connections(command: str, database: Database, tmp_path: Path) -> None:
    command = command.replace("--workers 4", "--workers 1")
    with served(command, database, tmp_path) as (port, _log):
        with ThreadPoolExecutor(CLIENTS) as crowd:
            statuses = list(crowd.map(lambda _client: client(port, REQUESTS), range(CLIENTS)))
        assert statuses == [[404] * REQUESTS] * CLIENTS
        if "postgresql" in database.url:
            counted = database.rows("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")
            assert 0 < counted[0][0] <= POOL


@pytest.mark.parametrize(
    "command",
    [
        *COMMANDS,
        "uvicorn --port 1 opentalk_site.asgi:application",
        "gunicorn --bind 127.0.0.1:1 --access-logfile - opentalk_site.wsgi:application",
    ],
)
def test_no_log_holds_a_guest_code(command: str, tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path) as database:  # without tables: requests fail, and that is logged
        code = str(uuid.uuid4())
        with served(command, database, tmp_path) as (port, log):
            client(port, 2, code)
    assert "Internal Server Error: /invite/<uuid:code>" in log.read_text()
    assert code not in log.read_text()
