"""The live streams of the room, with the keys for the recorder."""

from typing import Any

from rooms.models import Room


def about(room: Room) -> dict[str, Any] | None:
    """None where nothing can be recorded: a recorder has no key to end-to-end encryption."""
    if room.e2e_encryption:
        return None
    return {
        "streams": [
            {
                "id": target.pk,
                "name": target.name,
                "public_url": target.public_url,
                "location": f"{target.streaming_endpoint.rstrip('/')}/{target.streaming_key}",
            }
            for target in room.streaming_targets.all()
        ]
    }
