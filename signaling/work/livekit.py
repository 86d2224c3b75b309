"""LiveKit's room calls. Raises Failed("livekit_unavailable") where it does not do what it is asked for."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings

from rooms.models import Room
from signaling.servers import livekit
from signaling.work import Failed


def about(_room: Room) -> dict[str, Any] | None:
    if not settings.LIVEKIT_URL:
        return None
    return {
        "public_url": settings.LIVEKIT_URL,
        "service_url": settings.LIVEKIT_SERVICE_URL,
        "key": settings.LIVEKIT_API_KEY,
        "secret": settings.LIVEKIT_API_SECRET,
        "asks_before_screen_share": settings.LIVEKIT_ASKS_BEFORE_SCREEN_SHARE,
    }


def open_room(*, room_id: uuid.UUID, room: str, by: uuid.UUID | None) -> dict[str, Any]:
    """A room that is there already stays as it is."""
    _call("CreateRoom", room)
    return {}


def close_rooms(*, room_id: uuid.UUID, rooms: list[str]) -> dict[str, Any]:
    for room in rooms:
        _call("DeleteRoom", room)
    return {}


def remove(*, room_id: uuid.UUID, room: str, participant: str, came_before: datetime) -> dict[str, Any]:
    """The person, and the windows that show pictures to them."""
    for found in _people(room):
        is_theirs = found["identity"] == participant or found["identity"].startswith(f"{participant}-popout")
        if is_theirs and int(found.get("joined_at", 0)) <= came_before.timestamp():
            _call("RemoveParticipant", room, identity=found["identity"])
    return {}


def mute(*, room_id: uuid.UUID, room: str, participants: list[uuid.UUID], by: uuid.UUID) -> dict[str, Any]:
    """`muted` has who could be heard until now."""
    wanted, muted = {str(one) for one in participants}, []
    for found in _people(room):
        tracks = [track["sid"] for track in found.get("tracks", ()) if _is_heard(track)]
        if found["identity"] in wanted and tracks:
            for sid in tracks:
                _call("MutePublishedTrack", room, identity=found["identity"], track_sid=sid, muted=True)
            muted.append(found["identity"])
    return {"muted": muted}


def permit(*, room_id: uuid.UUID, room: str, permitted: dict[str, list[str]], by: uuid.UUID) -> dict[str, Any]:
    """LiveKit ends what is no longer permitted. Who is not there yet will come with a token that says it."""
    for found in _people(room):
        sources = permitted.get(found["identity"])
        if sources is not None:
            permission = {
                "can_subscribe": True,
                "can_publish": bool(sources),
                "can_publish_data": False,
                "can_publish_sources": [source.upper() for source in sources],
            }
            _call("UpdateParticipant", room, identity=found["identity"], permission=permission)
    return {}


def _people(room: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _call("ListParticipants", room).get("participants") or []
    return found


def _is_heard(track: dict[str, Any]) -> bool:
    return track.get("source") == "MICROPHONE" and not track.get("muted")


def _call(method: str, room: str, **more: Any) -> dict[str, Any]:
    """An empty answer where the room or the person is gone."""
    try:
        return livekit.call(method, room, **more)
    except livekit.LiveKitError as failure:
        raise Failed("livekit_unavailable") from failure
