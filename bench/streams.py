"""Event streams at real sockets: from a commit to the last of many, beside a bare server woken by the same NOTIFY.

Clock time, and the clients share the machine with the servers: look at ratios, and measure when it is calm.
"""

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.measure import Reading, Run, compared
from bench.serving import served
from tests.databases import KINDS, Database, fresh_database
from tests.services import postgresql_answers
from tests.site import ROOT

CLIENTS, CROWD, EACH = 200, 2000, 10  # streams of one person
WRITES = 20  # of one round
WRITERS, SECONDS = 8, 2.0
PAUSE_SECONDS = 0.02
ANSWER_SECONDS, CLOSING_SECONDS = 30, 1
OPTIONS = ("--http", "h11")  # the same server for both, whatever is installed


class Stream(asyncio.Protocol):
    """A client that costs little: it looks only for whether an activity came."""

    def __init__(self, crowd: "Crowd", token: str) -> None:
        self.crowd, self.token = crowd, token
        self.is_open = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        head = f"GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        if b"retry: " in data:
            self.is_open.set()
        if count := data.count(b"event: activity"):
            self.crowd.came(count)


class Crowd:
    """Clients of one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: list[Stream] = []
        self.missing = 0
        self.all_came = asyncio.Event()

    async def open(self, tokens: Sequence[str], each: int) -> None:
        loop = asyncio.get_running_loop()
        for token in tokens:
            new = [Stream(self, token) for _number in range(each)]
            for stream in new:
                await loop.create_connection(lambda stream=stream: stream, "127.0.0.1", self.port)  # type: ignore[misc]
            async with asyncio.timeout(ANSWER_SECONDS):
                for stream in new:
                    await stream.is_open.wait()
            self.streams += new

    def came(self, count: int) -> None:
        self.missing -= count
        if self.missing <= 0:
            self.all_came.set()

    async def told(self, writer: "Writer", what: str) -> float:
        """Seconds from the commit to the last client."""
        self.missing = len(self.streams)
        self.all_came.clear()
        begun = await asyncio.to_thread(writer.write, what)
        async with asyncio.timeout(ANSWER_SECONDS):
            await self.all_came.wait()
        return time.monotonic() - begun

    async def close(self) -> None:
        """A server waits for its clients before it ends."""
        for stream in self.streams:
            stream.transport.close()
        await asyncio.sleep(CLOSING_SECONDS)


class Writer:
    def __init__(self, environment: dict[str, str], people: int) -> None:
        command = [sys.executable, "-m", "bench.stream_writer", str(people)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)  # noqa: S603
        self.tokens: list[str] = self._read()

    def write(self, what: str) -> float:
        assert self.process.stdin is not None  # noqa: S101 - it is a pipe
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return float(self._read())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def _read(self) -> Any:
        assert self.process.stdout is not None  # noqa: S101 - it is a pipe
        return json.loads(self.process.stdout.readline())


@dataclass
class Place:
    database: Database
    environment: dict[str, str]
    writer: Writer


def to_the_last(run: Run) -> Iterator[Reading]:
    for kind in KINDS if postgresql_answers() else KINDS[:1]:
        with _place(kind, CROWD // EACH) as place, asyncio.Runner() as runner:
            if kind == "postgresql":
                yield _against_bare(run, place, runner)
            else:
                yield _alone(place, runner)
            yield from _crowd(place, runner, kind)
    if postgresql_answers():
        yield _writers(run)


def _against_bare(run: Run, place: Place, runner: asyncio.Runner) -> Reading:
    site, bare = _served(place, "opentalk_site.asgi"), _served(place, "bench.bare_stream")
    with site as site_port, bare as bare_port:
        ours, floor = runner.run(_opened(place, site_port)), runner.run(_opened(place, bare_port))

        def time_round() -> tuple[float, float]:
            bare_time = runner.run(_typical(floor, place.writer, "bare"))
            return bare_time, runner.run(_typical(ours, place.writer, "site"))

        found = compared(time_round, run.rounds)
        for crowd in (ours, floor):
            runner.run(crowd.close())
    return Reading(
        name=f"commit to the last of {CLIENTS} streams, postgresql",
        value=found.ratio,
        ours=_ms(found.ours),
        floor=_ms(found.floor),
        is_steady=found.is_steady,
        note=f"± {found.spread:.2f}; load {os.getloadavg()[0]:.1f}",
    )


def _alone(place: Place, runner: asyncio.Runner) -> Reading:
    """SQLite is asked five times a second; there is no floor to compare that with."""
    with _served(place, "opentalk_site.asgi") as port:
        crowd = runner.run(_opened(place, port))
        seconds = runner.run(_typical(crowd, place.writer, "site"))
        runner.run(crowd.close())
    name = f"commit to the last of {CLIENTS} streams, sqlite"
    return Reading(name=name, value=seconds * 1000, ours=_ms(seconds), is_judged=False)


def _crowd(place: Place, runner: asyncio.Runner, kind: str) -> Iterator[Reading]:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with _served(place, "opentalk_site.asgi") as port:
        runner.run(_warm(place, port))
        before = _memory(port)
        crowd = Crowd(port)
        runner.run(crowd.open(place.writer.tokens, EACH))
        each = (_memory(port) - before) / len(crowd.streams)
        connections = f"{_connections(place.database)} connections to PostgreSQL" if kind == "postgresql" else ""
        last = runner.run(_typical(crowd, place.writer, "site"))
        runner.run(crowd.close())
    name = f"memory of the server for each of {CROWD:,} streams, {kind}"
    yield Reading(name=name, value=each / 1000, ours=f"{each / 1000:,.1f} kB", is_judged=False, note=connections)
    name = f"commit to the last of {CROWD:,} streams, {kind}"
    yield Reading(name=name, value=last * 1000, ours=_ms(last), is_judged=False)


def _writers(run: Run) -> Reading:
    """Commits of rows alone, with another statement, and with a notification: PostgreSQL does the last one by one."""
    with tempfile.TemporaryDirectory() as folder, fresh_database("postgresql", Path(folder)) as database:
        with psycopg.connect(database.url) as connection:
            connection.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, body text)")
        statements = ("SELECT 'x'::text", "SELECT pg_notify('bench', 'x')")
        plain, notified = (statistics.median(_commits(database, one) for _round in range(3)) for one in statements)
        alone = _commits(database, statements[1], writers=1)
    return Reading(
        name=f"commits of {WRITERS} writers, another statement / pg_notify",
        value=plain / notified,
        ours=f"{notified:,.0f}/s",
        floor=f"{plain:,.0f}/s",
        is_judged=False,
        note=f"one writer with pg_notify {alone:,.0f}/s",
    )


def _commits(database: Database, statement: str, writers: int = WRITERS) -> float:
    counts = [0] * writers
    end = time.monotonic() + SECONDS

    def write(number: int) -> None:
        with psycopg.connect(database.url) as connection:
            while time.monotonic() < end:
                connection.execute("INSERT INTO bare (body) VALUES ('x')")
                connection.execute(statement)
                connection.commit()
                counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


async def _opened(place: Place, port: int) -> Crowd:
    crowd = Crowd(port)
    await crowd.open(place.writer.tokens[: CLIENTS // EACH], EACH)
    return crowd


async def _warm(place: Place, port: int) -> None:
    """What a process takes once."""
    crowd = Crowd(port)
    await crowd.open(place.writer.tokens[:1], EACH)
    await crowd.told(place.writer, "site")
    await crowd.close()


async def _typical(crowd: Crowd, writer: Writer, what: str) -> float:
    times = []
    for _number in range(WRITES):
        times.append(await crowd.told(writer, what))
        await asyncio.sleep(PAUSE_SECONDS)
    return statistics.median(times)


@contextmanager
def _place(kind: str, people: int) -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder, fresh_database(kind, Path(folder)) as database:
        environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.unmigrated_settings",
            "DATABASE_URL": database.url,
            "VAR_DIR": folder,
        }
        writer = Writer(environment, people)
        try:
            yield Place(database, environment, writer)
        finally:
            writer.close()


def _served(place: Place, module: str) -> Any:
    return served(f"{module}:application", place.environment, OPTIONS)


def _memory(port: int) -> int:
    """Of the process that listens at the port."""
    pages = int(Path(f"/proc/{_pid_at(port)}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _pid_at(port: int) -> int:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"uvicorn" in words and str(port).encode() in words:
            return int(folder.name)
    raise RuntimeError(f"nobody serves port {port}")


def _connections(database: Database) -> int:
    statement = "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
    return int(database.rows(statement)[0][0])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
