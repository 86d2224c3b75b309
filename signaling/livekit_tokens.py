"""LiveKit's access tokens, and what people may send there: for livekit and subroom_audio. LiveKit carries pictures and
sound; this site decides by tokens who may do what in which of its rooms.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt
import msgspec

from signaling.room import Kind, Participant, Place, Room

Source = Literal["camera", "microphone", "screen_share", "screen_share_audio"]
SCREEN: tuple[Source, ...] = ("screen_share", "screen_share_audio")
# A token lets somebody in; who is in stays. Clients ask for another one before they come again.
LIFETIME = timedelta(seconds=32)
# All that LiveKit has beside what a token names.
NOTHING_ELSE: dict[str, Any] = dict.fromkeys(
    ("roomCreate", "roomList", "roomRecord", "roomAdmin", "canUpdateOwnMetadata", "ingressAdmin", "recorder"), False
)


class Server(msgspec.Struct, frozen=True):
    """LiveKit as the settings have it."""

    public_url: str
    service_url: str
    key: str
    secret: str
    asks_before_screen_share: bool = False


def server(room: Room) -> Server | None:
    """None where the settings name none."""
    about = room.info.about.get("livekit")
    return Server(**about) if about else None


def room_name(room: Room, place: Place) -> str:
    """Of LiveKit's room for people in this place."""
    return f"{room.id}:{place}" if place else str(room.id)


def of_participant(
    at: Server, who: Participant, name: str, now: datetime, sources: Sequence[Source], popout: int = 0
) -> str:
    """For the room `name`. A popout is a window of the same person, which shows one picture and nobody sees."""
    identity = f"{who.id}-popout{popout}" if popout else str(who.id)
    may = {
        "canPublish": bool(sources),
        "canPublishSources": list(sources),
        "canPublishData": False,
        "canSubscribe": True,
        "hidden": bool(popout) or who.kind == Kind.RECORDER,
    }
    claims = {"sub": identity, "name": identity}
    return signed(at.key, at.secret, now, {**NOTHING_ELSE, "room": name, "roomJoin": True, **may}, claims)


def signed(key: str, secret: str, now: datetime, grant: dict[str, Any], claims: dict[str, Any] | None = None) -> str:
    times = {"nbf": now, "exp": now + LIFETIME}
    return jwt.encode({"iss": key, **times, **(claims or {}), "video": grant}, secret, algorithm="HS256")
