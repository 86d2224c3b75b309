"""What a client knows of a meeting: built from the frames of its socket and from nothing else, as real clients do.

A frame that a client could make nothing of, such as `left` of somebody who is not there, is an AssertionError.
"""

import uuid
from typing import Any

# What somebody hears who has not joined, or waits.
OUTSIDE = {
    "join_success", "join_blocked", "in_waiting_room", "accepted", "kicked", "banned", "session_ended", "error",
    "time_limit_quota_elapsed",
}  # fmt: skip

Payload = dict[str, Any]


class Replica:
    """`where` is new, waiting, accepted, joined, or closed. Ids are text."""

    def __init__(self) -> None:
        self.where = "new"
        self.close_code = 0
        self._forget()

    def _forget(self) -> None:
        self.id = self.role = self.name = ""
        self.hand_is_up = False
        self.allows_hands = True
        self.people: dict[str, Payload] = {}  # others in the same place: control
        self.waiting: dict[str, Payload] = {}  # for moderators: control
        self.has_waiting_room = False
        self.rooms: list[Payload] = []  # breakout rooms
        self.elsewhere: dict[str, tuple[str | None, str]] = {}  # place and name
        # Who was in other rooms when this client came, if it was not told; None: to be found out.
        self.untold: set[str] | None = set()

    def close(self, code: int) -> None:
        self.where, self.close_code = "closed", code

    def excuse(self, elsewhere: dict[str, Any]) -> None:
        """Takes out of the truth who lingers in a room that was no more when this client came: nobody told it."""
        self.untold = set(elsewhere) if self.untold is None else self.untold & elsewhere.keys()
        for one in self.untold - self.elsewhere.keys():
            del elsewhere[one]

    def receive(self, namespace: str, payload: Payload) -> None:
        message = payload["message"]
        assert self.where != "closed", f"{message} after the end"
        assert self.where == "joined" or message in OUTSIDE, f"{message} for who is {self.where}"
        hear = getattr(self, f"_{namespace}_{message}", None)
        if hear is not None:
            hear(payload)

    # --- control ---

    def _control_join_success(self, payload: Payload) -> None:
        self._forget()
        self.where = "joined"
        self.id, self.role, self.name = payload["id"], payload["role"], payload["display_name"]
        for person in payload["participants"]:
            if person["control"]["left_at"] is None:
                self.people[person["id"]] = person["control"]
        moderation = payload["moderation"]
        self.allows_hands = moderation["raise_hands_enabled"]
        self.has_waiting_room = moderation.get("waiting_room_enabled", False)
        self.waiting = {one["id"]: one["control"] for one in moderation.get("waiting_room_participants", [])}
        breakout = payload.get("breakout")
        if breakout is None:
            self.untold = None
        else:
            self.rooms = breakout["rooms"]
            for person in breakout["participants"]:
                if person["left_at"] is None:
                    self.elsewhere[person["id"]] = (person["breakout_room"], person["display_name"])

    def _control_joined(self, payload: Payload) -> None:
        assert payload["id"] not in self.people, "joined twice"
        assert payload["id"] != self.id
        assert payload["control"]["left_at"] is None
        self.people[payload["id"]] = payload["control"]

    def _control_update(self, payload: Payload) -> None:
        assert payload["id"] in self.people, "an update about somebody who is not here"
        self.people[payload["id"]] = payload["control"]

    def _control_left(self, payload: Payload) -> None:
        assert self.people.pop(payload["id"], None) is not None, "left without being here"

    def _control_role_updated(self, payload: Payload) -> None:
        assert payload["new_role"] != self.role, "told the same role again"
        self.role = payload["new_role"]
        if self.role != "moderator":
            self.waiting = {}

    def _control_hand_raised(self, _payload: Payload) -> None:
        self.hand_is_up = True

    def _control_hand_lowered(self, _payload: Payload) -> None:
        self.hand_is_up = False

    # --- moderation ---

    def _moderation_in_waiting_room(self, _payload: Payload) -> None:
        self._forget()
        self.where = "waiting"

    def _moderation_sent_to_waiting_room(self, _payload: Payload) -> None:
        self.where = "waiting"

    def _moderation_accepted(self, _payload: Payload) -> None:
        assert self.where == "waiting"
        self.where = "accepted"

    def _moderation_joined_waiting_room(self, payload: Payload) -> None:
        assert self.role == "moderator", "others need not know who waits"
        assert payload["id"] not in self.waiting, "waits twice"
        self.waiting[payload["id"]] = payload["control"]

    def _moderation_left_waiting_room(self, payload: Payload) -> None:
        assert self.role == "moderator", "others need not know who waits"
        assert self.waiting.pop(payload["id"], None) is not None, "left the waiting room without being there"

    def _moderation_waiting_room_enabled(self, _payload: Payload) -> None:
        self.has_waiting_room = True

    def _moderation_waiting_room_disabled(self, _payload: Payload) -> None:
        self.has_waiting_room = False

    def _moderation_raise_hands_enabled(self, _payload: Payload) -> None:
        self.allows_hands = True

    def _moderation_raise_hands_disabled(self, _payload: Payload) -> None:
        self.allows_hands = self.hand_is_up = False

    def _moderation_raised_hand_reset_by_moderator(self, _payload: Payload) -> None:
        self.hand_is_up = False

    def _moderation_display_name_changed(self, payload: Payload) -> None:
        target, name = payload["target"], payload["new_name"]
        if target == self.id:
            self.name = name
        if target in self.elsewhere:
            self.elsewhere[target] = (self.elsewhere[target][0], name)

    # --- breakout ---

    def _breakout_started(self, payload: Payload) -> None:
        self.rooms = payload["rooms"]

    def _breakout_stopped(self, _payload: Payload) -> None:
        self.rooms = []

    _breakout_expired = _breakout_stopped

    def _breakout_joined(self, payload: Payload) -> None:
        assert payload["id"] not in self.elsewhere, "came to another room twice"
        self.elsewhere[payload["id"]] = (payload["breakout_room"], payload["display_name"])

    def _breakout_left(self, payload: Payload) -> None:
        known = self.elsewhere.pop(payload["id"], None)
        if known is None:
            assert payload["id"] in (self.untold or ()), "left another room without being there"
        else:
            assert known[0] == payload["breakout_room"]


def text_of(place: uuid.UUID | None) -> str | None:
    return None if place is None else str(place)
