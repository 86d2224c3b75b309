"""The live meeting at real sockets: how long a message takes, beside a bare hub at the same server.

Clock time, and the clients share the machine with the servers: look at ratios, and measure when it is calm.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from bench.measure import Comparison, Reading, Run, compared
from bench.serving import served
from bench.sockets import Socket, closed, opened, spoken
from tests.databases import KINDS
from tests.services import postgresql_answers
from tests.signaling.served import Meeting, Server, furnished

PEOPLE, PER_SECOND, SECONDS = 150, 20, 2.0
CROWD = 300
ROOMS, IN_EACH = 200, 5
OPTIONS = ("--ws-per-message-deflate", "false")


def against_bare_hub(run: Run) -> Iterator[Reading]:
    for kind in _kinds():
        found, _tail = _compared(run, kind)
        yield Reading(
            name=f"{PEOPLE} sockets, {PER_SECOND} messages/s, {kind}",
            value=found.ratio,
            ours=_ms(found.ours),
            floor=_ms(found.floor),
            is_steady=found.is_steady,
            note=f"± {found.spread:.2f}; {_load()}",
        )


def milliseconds(run: Run) -> Iterator[Reading]:
    for kind in _kinds():
        found, tail = _compared(run, kind)
        yield Reading(
            name=f"{PEOPLE} sockets, {PER_SECOND} messages/s, {kind}",
            value=found.ours * 1000,
            ours=_ms(found.ours),
            floor=_ms(found.floor),
            is_steady=found.is_steady,
            note=f"99 of 100 within {_ms(tail)}",
        )
    for kind in _kinds():
        yield from _crowds(kind)


@cache
def _compared(run: Run, kind: str) -> tuple[Comparison, float]:
    """Half of the messages arrive within; ours and the floor; and ours for 99 of 100."""
    floor_of = served("bench.bare_hub:application", dict(os.environ), OPTIONS)
    with _site(kind) as server, floor_of as bare, asyncio.Runner() as runner:
        ours = runner.run(_meeting(server, PEOPLE))
        floor = runner.run(opened(bare, ["x"] * PEOPLE))
        tails = []

        def time_round() -> tuple[float, float]:
            bare_times, times = (
                runner.run(spoken(people, PEOPLE, per_second=PER_SECOND, seconds=SECONDS)) for people in (floor, ours)
            )
            tails.append(_part(times, 0.99))
            return _part(bare_times, 0.5), _part(times, 0.5)

        found = compared(time_round, run.rounds)
        runner.run(closed([*ours, *floor]))
    return found, sorted(tails)[len(tails) // 2]


def _crowds(kind: str) -> Iterator[Reading]:
    """300 in one room, 200 rooms of five, and what a socket takes."""
    with _site(kind) as server, asyncio.Runner() as runner:
        empty = _memory(server)
        people = runner.run(_opened(server, Meeting(server), CROWD))
        times = sorted(runner.run(_joined_one_by_one(people)))
        joins = f"the last {_ms(times[-1])}"
        yield _info(f"{CROWD} come one by one, each join, {kind}", _part(times, 0.5) * 1000, "ms", joins)
        heard = f"all frames {sum(socket.bytes for socket in people) / 1e6:,.1f} MB"
        yield _info(f"the last join_success, {kind}", people[-1].welcome / 1000, "kB", heard)
        each = (_memory(server) - empty) / CROWD
        yield _info(f"memory of the server for each of {CROWD}, {kind}", each / 1000, "kB", "")
        times = runner.run(spoken(people, CROWD, per_second=PER_SECOND, seconds=2 * SECONDS))
        name = f"{CROWD} sockets, {PER_SECOND} messages/s, {kind}"
        yield _info(name, _part(times, 0.5) * 1000, "ms", _tail(times))
        runner.run(closed(people))
    with _site(kind) as server, asyncio.Runner() as runner:
        people = runner.run(_rooms(server))
        times = runner.run(spoken(people, IN_EACH, per_second=PER_SECOND, seconds=2 * SECONDS))
        name = f"{ROOMS} rooms of {IN_EACH}, {PER_SECOND} messages/s, {kind}"
        yield _info(name, _part(times, 0.5) * 1000, "ms", _tail(times))
        runner.run(closed(people))


async def _meeting(server: Server, size: int) -> list[Socket]:
    people = await _opened(server, Meeting(server), size)
    await _joined_one_by_one(people)
    return people


async def _opened(server: Server, meeting: Meeting, size: int) -> list[Socket]:
    people: list[Socket] = []
    while len(people) < size:
        wanted = min(50, size - len(people))  # tickets are good for half a minute
        tickets = await asyncio.to_thread(server.do, "tickets", room=meeting.room, who=meeting.code, number=wanted)
        people += await opened(server.port, tickets)
    return people


async def _joined_one_by_one(people: Sequence[Socket]) -> list[float]:
    return [await socket.join(f"Guest {number}") for number, socket in zip(count(1), people, strict=False)]


async def _rooms(server: Server) -> list[Socket]:
    people = []
    for _number in range(ROOMS):
        meeting = await asyncio.to_thread(Meeting, server)
        people += await _meeting_of(server, meeting)
    return people


async def _meeting_of(server: Server, meeting: Meeting) -> list[Socket]:
    people = await _opened(server, meeting, IN_EACH)
    await _joined_one_by_one(people)
    return people


@contextmanager
def _site(kind: str) -> Iterator[Server]:
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        database = running.enter_context(furnished(kind, folder))
        yield running.enter_context(Server(database, folder))


def _kinds() -> Sequence[str]:
    return KINDS if postgresql_answers() else KINDS[:1]


def _memory(server: Server) -> int:
    assert server.process is not None  # noqa: S101 - it runs
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _info(name: str, number: float, unit: str, note: str) -> Reading:
    return Reading(name=name, value=number, ours=f"{number:,.1f} {unit}", is_judged=False, note=note)


def _part(times: Sequence[float], part: float) -> float:
    return times[int(len(times) * part)]


def _tail(times: Sequence[float]) -> str:
    return f"99 of 100 within {_ms(_part(times, 0.99))}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f}"
