"""Who is here: the sockets of this process by room, what they are sent and in which order.

The database decides; the hub asks it to take a step at a time for each room, in threads, and delivers what all
processes' steps send, by their numbers.
"""

import asyncio
import logging
import os
import socket
import uuid
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from signaling import steps, work
from signaling.bus import Publication, bus, unpacked
from signaling.commands import Command, OpeningCommand
from signaling.effects import NORMAL, OVERLOAD, RESTART, Ask
from signaling.frames import frame
from signaling.modules import MODULES
from signaling.peers import Peers
from signaling.room import Info, Participant, Room
from signaling.servers.janus import Janus
from signaling.services import arrivals, leases, sessions
from signaling.steps import Delivery
from signaling.watch import beat, look_again, poll, repeat, safely

logger = logging.getLogger(__name__)
T = TypeVar("T")

# More would not be faster: Python runs one at a time, and each holds a database connection.
THREADS = 4
# How many frames may wait for a slow receiver: some minutes of a lively meeting.
OUTBOX = 512
POLL_SECONDS = 1.0  # how often the database is asked for steps that no message brought
# How long a step may be missing before the database is asked for it.
GAP_SECONDS = 0.2


class Connection:
    """A socket, for the hub. `push` and `close` never wait; the socket's writer sends what is in the outbox."""

    def __init__(self, address: str = "") -> None:
        self.id = uuid.uuid4()
        self.address = address
        self.room_id = uuid.UUID(int=0)
        self.ticket_id = 0
        self.comer: Participant | None = None
        self.peers: Peers | None = None
        self.outbox: deque[str] = deque()
        self.wake = asyncio.Event()
        self.close_code = 0
        self.overloaded = asyncio.Event()  # no close in order: the socket takes nothing

    def push(self, text: str) -> None:
        if self.close_code:
            return
        if len(self.outbox) >= OUTBOX:
            self.outbox.clear()
            self.close_code = OVERLOAD
            self.overloaded.set()
            return
        self.outbox.append(text)
        self.wake.set()

    def close(self, code: int) -> None:
        """After what is in the outbox."""
        self.close_code = self.close_code or code
        self.wake.set()


class LiveRoom:
    def __init__(self, room_id: uuid.UUID) -> None:
        self.id = room_id
        self.connections: dict[uuid.UUID, Connection] = {}
        self.lock = asyncio.Lock()  # steps of one room follow each other; it is fair
        self.replica: sessions.Replica | None = None
        self.memory: dict[Any, Any] = {}
        self.session: uuid.UUID | None = None
        self.expected: int | None = None  # the number of the step to deliver next
        self.held: dict[tuple[uuid.UUID | None, int], list[Delivery]] = {}
        self.deadline: asyncio.TimerHandle | None = None
        self.gone: set[uuid.UUID] = set()  # sockets whose leaving waits for its step

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            for connection_id in delivery.to:
                connection = self.connections.get(connection_id)
                if connection is None:
                    continue
                if delivery.code:
                    connection.close(delivery.code)
                elif delivery.hang_up and connection.peers is not None:
                    connection.peers.hang_up(delivery.hang_up)
                elif delivery.text:
                    connection.push(delivery.text)

    def close_all(self, code: int, last_words: str = "") -> None:
        for connection in list(self.connections.values()):
            if last_words:
                connection.push(last_words)
            connection.close(code)

    def follow(self, session: uuid.UUID, step: int) -> None:
        """From this step of this session on, everything concerns somebody here."""
        if self.session != session:
            self.session, self.expected = session, step
        self.held = {key: value for key, value in self.held.items() if key[0] == session and key[1] >= step}

    def is_past(self, step: int) -> bool:
        return self.expected is not None and step < self.expected

    def drain(self) -> None:
        while self.expected is not None:
            deliveries = self.held.pop((self.session, self.expected), None)
            if deliveries is None:
                return
            self.expected += 1
            self.deliver(deliveries)


class Hub:
    def __init__(self) -> None:
        self.process = uuid.uuid4()
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.rooms: dict[uuid.UUID, LiveRoom] = {}
        self.threads = ThreadPoolExecutor(THREADS, "signaling")
        self.workers = ThreadPoolExecutor(THREADS, "signaling-work")
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[Any]] = set()
        self.janus = Janus("", "")

    # --- The process ---

    async def start(self) -> None:
        """Once for each event loop; a socket that comes before the server has said that it started, starts it."""
        loop = asyncio.get_running_loop()
        if self.loop is loop:
            return
        self.loop = loop
        self.janus = Janus(settings.JANUS_URL, settings.JANUS_SECRET)
        await bus.start(self.receive)
        await safely(self, beat)
        self.run(repeat(leases.BEAT.total_seconds(), self, beat))
        self.run(repeat(POLL_SECONDS, self, poll))

    async def stop(self) -> None:
        """When the sockets are closed."""
        if self.loop is None:
            return
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await bus.stop()
        await self.janus.close()
        await self.call(lambda: leases.end_lease(process=self.process))
        self.loop = None

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def call(self, function: Callable[[], T]) -> T:
        """In a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, _connected, function)

    async def work(self, function: Callable[[], T]) -> T:
        """In a thread that may take its time."""
        return await asyncio.get_running_loop().run_in_executor(self.workers, _connected, function)

    # --- Sockets ---

    async def open(self, connection: Connection, ticket: str) -> None:
        """Raises InvalidTicket."""
        await self.start()
        arrival = await self.call(
            lambda: arrivals.open_socket(
                ticket=ticket, connection=connection.id, process=self.process, address=connection.address
            )
        )
        connection.room_id, connection.ticket_id = arrival.room_id, arrival.ticket_id
        connection.comer = comer = arrival.comer
        connection.peers = Peers(self.janus, comer.id, partial(_push_media, connection))
        is_first = arrival.room_id not in self.rooms
        live = self.rooms.setdefault(arrival.room_id, LiveRoom(arrival.room_id))
        live.connections[connection.id] = connection
        if is_first:
            await bus.subscribe(live.id)
        if arrival.is_resuming:
            self._evict_here(live, connection)
            await self.step(live, lambda room: steps.arrive(room, comer))

    async def closed(self, connection: Connection, reason: str) -> None:
        live = self.rooms.get(connection.room_id)
        if live is None or live.connections.pop(connection.id, None) is None:
            return
        if connection.peers is not None:
            connection.peers.hang_up("all")
        # Many may go at once: whoever comes while others wait for their step goes with them.
        is_first = not live.gone
        live.gone.add(connection.id)
        try:
            if is_first:
                await self._leave(live, reason)
        finally:
            await self._forget_if_empty(live)

    async def _leave(self, live: LiveRoom, reason: str) -> None:
        async with live.lock:
            gone, live.gone = live.gone, set()
            if live.session is not None:
                await self._take(live, lambda room: steps.depart(room, gone, reason))

    async def _forget_if_empty(self, live: LiveRoom) -> None:
        if live.connections or self.rooms.get(live.id) is not live:
            return
        del self.rooms[live.id]
        if live.deadline:
            live.deadline.cancel()
        await bus.unsubscribe(live.id)

    async def command(self, connection: Connection, namespace: str, command: Command) -> None:
        live, comer = self.rooms.get(connection.room_id), connection.comer
        if live is None or comer is None:
            return
        outcome = await self._obey(live, comer, namespace, command)
        for signal in outcome.signals:
            if connection.peers is not None:
                connection.peers.take(signal)

    async def _obey(self, live: LiveRoom, comer: Participant, namespace: str, command: Command) -> steps.Outcome:
        def act(room: Room) -> steps.Outcome:
            return steps.command(room, comer, namespace, command)

        async with live.lock:
            if isinstance(command, MODULES[namespace].passing) and live.replica is not None:
                return await self._pass(live, live.replica, act)
            taken = await self._take(live, act, is_opening=isinstance(command, OpeningCommand))
        if taken.session is None:
            outcome = act(Room(id=live.id, session=live.id, now=timezone.now(), info=Info(tariff={})))
            live.deliver(outcome.deliveries)
        return taken.outcome

    async def _pass(self, live: LiveRoom, replica: sessions.Replica, act: sessions.Act) -> steps.Outcome:
        if live.expected is not None and replica.step < live.expected - 1:
            live.replica = None
            replica = live.replica = await self.call(partial(sessions.read, replica=replica))
        replica.room.now = timezone.now()
        outcome = act(replica.room)
        if outcome.deliveries:
            self._publish(Publication(live.id, live.session, 0, outcome.deliveries))
        return outcome

    def _publish(self, publication: Publication) -> None:
        self.threads.submit(bus.publish, publication)

    def _evict_here(self, live: LiveRoom, comer: Connection) -> None:
        for other in list(live.connections.values()):
            is_earlier = other is not comer and other.comer and comer.comer and other.comer.id == comer.comer.id
            if is_earlier:
                other.close(NORMAL)

    # --- Steps ---

    async def step(self, live: LiveRoom, act: sessions.Act, **how: Any) -> sessions.Taken:
        """`how` is as in take_step."""
        async with live.lock:
            return await self._take(live, act, **how)

    async def _take(self, live: LiveRoom, act: sessions.Act, **how: Any) -> sessions.Taken:
        replica, live.replica = live.replica, None  # what fails halfway is no longer good

        def acting(room: Room) -> steps.Outcome:
            room.memory = live.memory
            return act(room)

        def take() -> sessions.Taken:
            return sessions.take_step(room_id=live.id, act=acting, replica=replica, **how)

        taken = await self.call(take)
        live.replica = taken.replica
        if taken.session is not None:
            live.follow(taken.session, taken.step if taken.was_sent else taken.step + 1)
            live.drain()
        self._arm(live)
        for namespace, asked in taken.outcome.asked:
            self.run(self._answer(live, namespace, asked))
        return taken

    async def _answer(self, live: LiveRoom, namespace: str, asked: Ask) -> None:
        event = await self.work(lambda: work.done(live.id, namespace, asked))
        await self.step(live, partial(steps.answered, namespace=namespace, event=event))

    def receive(self, publication: Publication) -> None:
        """From the bus, in whatever order."""
        live = self.rooms.get(publication.room)
        if live is None:
            return
        if not publication.step:
            live.deliver(publication.deliveries)
            if not publication.deliveries:
                self.run(look_again(self, live))
            return
        if live.session == publication.session and live.is_past(publication.step):
            return
        live.held[publication.session, publication.step] = publication.deliveries
        live.drain()
        if live.held and live.expected is not None and self.loop is not None:
            self.loop.call_later(GAP_SECONDS, lambda: self.run(self.catch_up(live)))

    async def catch_up(self, live: LiveRoom) -> None:
        """Delivers what no message brought. What nobody can deliver any more is a reason to join anew."""
        session, expected = live.session, live.expected
        if session is None or expected is None:
            return
        last, missed = await self.call(lambda: leases.broadcasts_since(session, expected))
        if session != live.session:
            return
        for number, body in missed:
            if not live.is_past(number):
                live.held[session, number] = unpacked(body)
        live.drain()
        if not live.is_past(last):
            logger.warning("Steps of a session are lost; its %d sockets start anew", len(live.connections))
            live.close_all(RESTART)

    def _arm(self, live: LiveRoom) -> None:
        if live.deadline:
            live.deadline.cancel()
            live.deadline = None
        deadlines = live.replica.room.deadlines.values() if live.replica else ()
        if deadlines and self.loop is not None:
            seconds = max(0.0, (min(deadlines) - timezone.now()).total_seconds())
            live.deadline = self.loop.call_later(seconds, lambda: self.run(self.step(live, steps.due)))


def _push_media(connection: Connection, payload: dict[str, Any]) -> None:
    connection.push(frame("media", payload, timezone.now()))


def _connected(function: Callable[[], T]) -> T:
    """With a database connection that is given back."""
    try:
        return function()
    finally:
        close_old_connections()


hub = Hub()
