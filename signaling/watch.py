"""What a hub does by the clock: says that its process lives, looks after what other processes left undone."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from signaling import steps
from signaling.effects import NORMAL
from signaling.frames import frame
from signaling.room import Room
from signaling.services import leases, sessions

if TYPE_CHECKING:
    from signaling.hub import Hub, LiveRoom

logger = logging.getLogger(__name__)
Chore = Callable[["Hub"], Awaitable[None]]


async def repeat(seconds: float, hub: "Hub", chore: Chore) -> None:
    while True:
        await asyncio.sleep(seconds)
        await safely(hub, chore)


async def safely(hub: "Hub", chore: Chore) -> None:
    try:
        await chore(hub)
    except Exception:  # a database that is away comes back
        logger.exception("A chore of the live meetings failed")


async def beat(hub: "Hub") -> None:
    here = [connection for live in hub.rooms.values() for connection in live.connections.values()]
    tickets, connections = [socket.ticket_id for socket in here], {socket.id for socket in here}
    chores = await hub.call(
        lambda: leases.beat(process=hub.process, name=hub.name, tickets=tickets, connections=connections)
    )
    for room_id, gone in chores.lost.items():
        await _step(hub, room_id, partial(steps.depart, connections=gone, reason="timeout"))
    for room_id in chores.overdue:
        await _step(hub, room_id, steps.due)
    await check_rights(hub, list(hub.rooms.values()))


async def poll(hub: "Hub") -> None:
    """What no message told: steps of other processes, rooms that were deleted."""
    if not hub.rooms:
        return
    lives = {live.session: live for live in hub.rooms.values() if live.session is not None}
    known = await hub.call(lambda: leases.steps_of(lives))
    for session, step in known.items():
        if step >= (lives[session].expected or step + 1):
            await hub.catch_up(lives[session])
    rooms = list(hub.rooms)
    existing = await hub.call(lambda: leases.existing(rooms))
    for room_id in rooms:
        live = hub.rooms.get(room_id)
        if room_id not in existing and live is not None:
            live.close_all(NORMAL, frame("control", {"message": "room_deleted"}, timezone.now()))


async def look_again(hub: "Hub", live: "LiveRoom") -> None:
    """Something happened to the room or to its people."""
    await poll(hub)
    await check_rights(hub, [live])
    if live.session is not None and hub.rooms.get(live.id) is live:
        await hub.step(live, steps.changed, is_informed=True)


async def check_rights(hub: "Hub", lives: "list[LiveRoom]") -> None:
    """Closes the sockets of those who would get no ticket now."""
    holders = [
        leases.Holder(live.id, connection.id, connection.comer.user_id, connection.comer.invite_code_id)
        for live in lives
        for connection in live.connections.values()
        if connection.comer is not None
    ]
    if not holders:
        return
    unwanted = await hub.call(lambda: leases.no_longer_allowed(holders))
    for room_id in {holder.room_id for holder in unwanted}:
        gone = {holder.connection for holder in unwanted if holder.room_id == room_id}
        await _step(hub, room_id, partial(_without, gone))
        if live := hub.rooms.get(room_id):
            for connection in [live.connections[one] for one in gone if one in live.connections]:
                connection.close(NORMAL)


def _without(connections: set[uuid.UUID], room: Room) -> steps.Outcome:
    return steps.expel(room, lambda person: person.connection in connections)


async def _step(hub: "Hub", room_id: uuid.UUID, act: sessions.Act) -> None:
    """Also of a room that nobody is in here."""
    live = hub.rooms.get(room_id)
    if live is not None:
        await hub.step(live, act)
    else:
        taken = await hub.call(lambda: sessions.take_step(room_id=room_id, act=act))
        if taken.outcome.asked:
            await hub.work(lambda: sessions.settle(room_id=room_id, taken=taken))
