"""Moderators at a real server: what they decide outlasts the step, the socket and the ticket."""

import urllib.error

import pytest

from tests.signaling.served import Meeting

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_person_waits_enters_is_sent_back_and_banned(meeting: Meeting) -> None:
    with meeting.joined("alice") as alice, meeting.client("bob") as bob:
        alice.send("moderation", "enable_waiting_room")
        alice.get("waiting_room_enabled")
        bob.send("control", "join", display_name="Bob")
        bob.get("in_waiting_room")
        bob_id = alice.get("joined_waiting_room")["id"]
        alice.send("moderation", "accept", target=bob_id)
        bob.get("accepted")
        bob.send("control", "enter_room")
        assert bob.get("join_success")["id"] == bob_id
        assert alice.get("left_waiting_room")["id"] == bob_id
        alice.send("moderation", "send_to_waiting_room", target=bob_id)
        bob.get("in_waiting_room")
        assert alice.get("left")["reason"] == "sent_to_waiting_room"
        unused = meeting.client("bob")
        alice.send("moderation", "ban", target=bob_id)
        assert (bob.close_code(), bob.frames[-1]["payload"]) == (1000, {"message": "banned"})
        with pytest.raises(urllib.error.HTTPError):
            meeting.ticket("bob")
        unused.send("control", "join", display_name="Bob")
        assert (unused.close_code(), unused.frames[-1]["payload"]) == (1000, {"message": "banned"})


def test_poll_ends_by_itself(meeting: Meeting) -> None:
    with meeting.joined("alice") as alice, meeting.joined("bob") as bob:
        alice.send("polls", "start", topic="Lunch?", choices=["Yes", "No"], duration=2)
        poll_id = bob.get("started")["id"]
        bob.send("polls", "vote", poll_id=poll_id, choice_id=1)
        done = {"message": "done", "id": poll_id, "results": [{"id": 0, "count": 0}, {"id": 1, "count": 1}]}
        assert alice.get("done") == bob.get("done") == done
