"""Who is in a room now: this site's own live meeting and what others report, as one."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.utils import timezone

from integrations.objects.models.conferences import ReportedMember
from signaling.models import ModuleState, Participant, RoomSession
from signaling.modules import media

STATE = ("mute", "deaf", "talk", "floor", "volume_in", "volume_out")


@dataclass(frozen=True, kw_only=True)
class Member:
    """`is_own`: in this site's own live meeting, whoever else reports the same member."""

    user_id: uuid.UUID | None = None
    display_name: str = ""
    phone: str = ""
    mute: bool = False
    deaf: bool = False
    talk: bool = False
    floor: bool = False
    volume_in: int = 0
    volume_out: int = 0
    is_own: bool = False

    def told(self) -> dict[str, Any]:
        """As the events of a conference have it: `phone` and `user` only where they are known."""
        known: dict[str, Any] = {"phone": self.phone} if self.phone else {}
        if self.user_id:
            known["user"] = str(self.user_id)
        return known | {name: getattr(self, name) for name in STATE}


def members(room_id: uuid.UUID) -> dict[uuid.UUID, Member]:
    """By the member's id, in the order of their coming. Somebody who is in both counts once."""
    found = own(room_id)
    reported = ReportedMember.objects.filter(conference=room_id, expires_at__gt=timezone.now())
    for row in reported:
        before = found.get(row.member_id)
        found[row.member_id] = overlaid(before, row)
    return found


def own(room_id: uuid.UUID) -> dict[uuid.UUID, Member]:
    """Those of this site's own live meeting, in its breakout rooms too, without recorders."""
    joined = Participant.objects.filter(
        session__room=room_id, session__ended_at=None, where=Participant.Where.JOINED
    ).exclude(kind=Participant.Kind.RECORDER)
    people = list(joined.order_by("joined_at", "pk"))
    sounding = _sounding(people[0].session_id) if people else None
    return {
        person.participant_id: Member(
            user_id=person.user_id,
            display_name=person.display_name,
            mute=sounding is not None and person.participant_id not in sounding,
            is_own=True,
        )
        for person in people
    }


def overlaid(before: Member | None, row: ReportedMember) -> Member:
    """What is reported of somebody, beside what was known."""
    known = before or Member()
    return replace(
        known,
        user_id=known.user_id or row.user_id,
        display_name=known.display_name or row.display_name,
        phone=row.phone or known.phone,
        **{name: getattr(row, name) for name in STATE},
    )


def is_live(room_id: uuid.UUID) -> bool:
    """Whether this site's own meeting goes on; it does for a while after the last has left."""
    return RoomSession.objects.filter(room=room_id, ended_at=None, started_at__isnull=False).exists()


def _sounding(session_id: uuid.UUID) -> set[uuid.UUID] | None:
    """Whose microphones are on at Janus; None where nobody has used it, for LiveKit reports by itself."""
    states = ModuleState.objects.filter(session=session_id, namespace="media").values_list("data", flat=True)
    read = [msgspec.json.decode(data, type=media.State) for data in states]
    if not read:
        return None
    published = {who: streams for state in read for who, streams in state.published.items()}
    return {who for who, streams in published.items() if any(stream.audio for stream in streams.values())}
