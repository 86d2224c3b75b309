"""LiveKit's RoomService by Twirp: POST with JSON, https://docs.livekit.io/reference/server/server-apis/."""

import logging
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone

from outgoing import http
from outgoing.http import OutgoingError
from signaling import livekit_tokens

logger = logging.getLogger(__name__)
CREATING = frozenset({"CreateRoom", "DeleteRoom"})
MAX_BYTES = 10_000_000  # a list of some thousand people


class LiveKitError(Exception):
    """LiveKit is down, slow, refuses our key or fails."""


def call(method: str, room: str, **more: Any) -> dict[str, Any]:
    """What LiveKit answers; {} where the room or the participant is not there. Raises LiveKitError."""
    # A key that may do one thing in one room.
    grant = {"roomCreate": True} if method in CREATING else {"roomAdmin": True}
    token = livekit_tokens.signed(
        settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET, timezone.now(), grant | {"room": room}
    )
    try:
        answer = http.request(
            "POST",
            f"{settings.LIVEKIT_SERVICE_URL}/twirp/livekit.RoomService/{method}",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            body=orjson.dumps({"name" if method == "CreateRoom" else "room": room, **more}),
            deadline_seconds=settings.LIVEKIT_TIMEOUT_SECONDS,
            max_bytes=MAX_BYTES,
            is_trusted=True,
        )
        if answer.status == 404 and answer.json().get("code") == "not_found":
            return {}
        return answer.json_object()
    except (OutgoingError, AttributeError) as error:
        logger.warning("LiveKit's %s failed: %s", method, error)
        raise LiveKitError(str(error)) from None
