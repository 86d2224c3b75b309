"""A ticket opens a socket."""

import uuid
from dataclasses import dataclass

from signaling.room import Participant
from signaling.services.about import comer
from signaling.tickets import redeem_ticket


@dataclass(frozen=True, kw_only=True)
class Arrival:
    room_id: uuid.UUID
    ticket_id: int
    is_resuming: bool
    comer: Participant


def open_socket(*, ticket: str, connection: uuid.UUID, process: uuid.UUID, address: str = "") -> Arrival:
    """Raises InvalidTicket."""
    admission = redeem_ticket(text=ticket)
    used = admission.ticket
    return Arrival(
        room_id=used.room_id,
        ticket_id=used.pk,
        is_resuming=used.is_resuming,
        comer=comer(used, connection=connection, process=process, address=address),
    )
