"""A LiveKit on a real socket that speaks Twirp, looks at each token, and knows rooms, people and their tracks."""

import json
from typing import Any

import jwt

from signaling.servers.livekit import CREATING
from tests.local_server import Asked, LocalServer, Reply

KEY, SECRET = "devkey", "a-secret-of-the-tests-with-32-letters-or-more"
PREFIX = "/twirp/livekit.RoomService/"


class LiveKit(LocalServer):
    def __init__(self) -> None:
        super().__init__()
        self.rooms: dict[str, dict[str, dict[str, Any]]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.otherwise = self._answer

    def use(self, settings: Any) -> None:
        for name, value in self.variables().items():
            setattr(settings, name, value)

    def variables(self) -> dict[str, str]:
        return {
            "LIVEKIT_URL": self.url,
            "LIVEKIT_SERVICE_URL": self.url,
            "LIVEKIT_API_KEY": KEY,
            "LIVEKIT_API_SECRET": SECRET,
        }

    def enter(self, room: str, identity: str, *sources: str, joined_at: int = 0) -> None:
        """A client connects and sends these."""
        tracks = [{"sid": f"TR_{source}", "source": source, "muted": False} for source in sources]
        # Twirp writes 64-bit numbers as text.
        person = {"sid": "PA_1", "identity": identity, "tracks": tracks, "joined_at": str(joined_at)}
        self.rooms.setdefault(room, {})[identity] = person

    def _answer(self, asked: Asked) -> Reply:
        method, body = asked.path.removeprefix(PREFIX), json.loads(asked.body)
        if asked.method != "POST" or asked.headers["Content-Type"] != "application/json" or method == asked.path:
            return _refusal(404, "bad_route")
        room = body.get("name") if method == "CreateRoom" else body["room"]
        if not self._may(asked, method, room):
            return _refusal(401, "unauthenticated")
        self.calls.append((method, body))
        if method not in {"CreateRoom", "ListParticipants"} and room not in self.rooms:
            return _refusal(404, "not_found")
        return self._done(method, room, body)

    def _may(self, asked: Asked, method: str, room: str) -> bool:
        token = asked.headers["Authorization"].removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, SECRET, ["HS256"], issuer=KEY, options={"require": ["exp", "nbf", "iss"]})
        except jwt.InvalidTokenError:
            return False
        grant = claims["video"]
        return bool(grant.get("roomCreate") if method in CREATING else grant.get("roomAdmin") and grant["room"] == room)

    def _done(self, method: str, room: str, body: dict[str, Any]) -> Reply:
        if method == "CreateRoom":
            self.rooms.setdefault(room, {})
            return Reply({"sid": "RM_1", "name": room})
        if method == "ListParticipants":
            return Reply({"participants": list(self.rooms.get(room, {}).values())})
        if method == "DeleteRoom":
            del self.rooms[room]
            return Reply({})
        person = self.rooms[room].get(body["identity"])
        if person is None:
            return _refusal(404, "not_found")
        if method == "RemoveParticipant":
            del self.rooms[room][body["identity"]]
        elif method == "MutePublishedTrack":
            next(track for track in person["tracks"] if track["sid"] == body["track_sid"])["muted"] = body["muted"]
        elif method == "UpdateParticipant":
            person["permission"] = body["permission"]
        else:
            return _refusal(404, "bad_route")
        return Reply({})


def _refusal(status: int, code: str) -> Reply:
    return Reply({"code": code, "msg": "no"}, status=status)
