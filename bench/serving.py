"""Requests per second of the shipped web process, with so many clients at once, beside the same server with no site.

Clock time, and the clients share the machine with the server: look at ratios, and at how one column grows.
"""

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Reading, Run
from tests.databases import KINDS, fresh_database
from tests.services import postgresql_answers
from tests.site import ROOT
from tests.smtp_sink import free_port

CONNECTIONS = (1, 8, 32)
SECONDS = 2.0
START_SECONDS = 60.0
EVENT = b'{"title":"Bench","description":"","waiting_room":false,"is_time_independent":true}'
SERVER = (sys.executable, "-m", "uvicorn", "--no-access-log", "--no-proxy-headers", "--log-level", "error", "--port")
Times = list[float]


def requests_per_second(run: Run) -> Iterator[Reading]:
    for kind in KINDS if postgresql_answers() else KINDS[:1]:
        with tempfile.TemporaryDirectory() as folder, fresh_database(kind, Path(folder)) as database:
            environment = {"PATH": os.environ["PATH"], "VAR_DIR": folder, "DATABASE_URL": database.url}
            made = [sys.executable, "-m", "bench.served"]
            token = subprocess.run(  # noqa: S603
                made, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
            ).stdout
            head = f"HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            page = f"GET /v1/events?invitees_max=0 {head}\r\n".encode()
            new = (
                f"POST /v1/events {head}Content-Type: application/json\r\nContent-Length: {len(EVENT)}\r\n\r\n".encode()
            )
            with (
                served("opentalk_site.asgi:application", environment) as site,
                served("bench.served:bare", environment) as bare,
            ):
                for name, request in (("GET /v1/events", page), ("POST /v1/events", new + EVENT)):
                    yield from _readings(f"{name}, {kind}", request, site, bare)


def _readings(name: str, request: bytes, site: int, bare: int) -> Iterator[Reading]:
    for count in CONNECTIONS:
        floor, ours = asyncio.run(_load(bare, request, count)), asyncio.run(_load(site, request, count))
        yield Reading(
            name=f"{name}, {count} at once",
            value=len(floor) / len(ours),
            ours=f"{len(ours) / SECONDS:,.0f}/s",
            floor=f"{len(floor) / SECONDS:,.0f}/s",
            is_judged=False,
            note=f"half within {_part(ours, 0.5)}, 99 of 100 within {_part(ours, 0.99)}",
        )


def _part(times: Times, part: float) -> str:
    return f"{sorted(times)[int(len(times) * part)] * 1000:,.0f} ms"


async def _load(port: int, request: bytes, count: int) -> Times:
    """How long each answer took; those begun in time are awaited and count."""
    await _client(port, request, time.monotonic() + 0.3)
    end = time.monotonic() + SECONDS
    return [
        taken
        for times in await asyncio.gather(*(_client(port, request, end) for _each in range(count)))
        for taken in times
    ]


async def _client(port: int, request: bytes, end: float) -> Times:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: Times = []
    while (started := time.monotonic()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(f"{head!r} {body[:200]!r}")
        times.append(time.monotonic() - started)
    writer.close()
    return times


@contextmanager
def served(application: str, environment: dict[str, str], options: Sequence[str] = ()) -> Iterator[int]:
    port = free_port()
    server = subprocess.Popen([*SERVER, str(port), *options, application], cwd=ROOT, env=environment)  # noqa: S603
    try:
        end = time.monotonic() + START_SECONDS
        while not _answers(port):
            if time.monotonic() > end or server.poll() is not None:
                raise RuntimeError(f"{application} does not come up")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
