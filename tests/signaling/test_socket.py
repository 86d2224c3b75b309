"""Real clients at a real server: they meet, chat, go and come back."""

import json
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.databases import Database
from tests.signaling.served import PROTOCOL, Meeting, Server, open_socket

pytestmark = [pytest.mark.service, pytest.mark.slow]


def test_two_people_meet(meeting: Meeting) -> None:
    with meeting.client("alice") as alice, meeting.client("bob") as bob:
        welcome = alice.join("Alice")
        assert (welcome["role"], welcome["participants"], welcome["event_info"]["title"]) == (
            "moderator",
            [],
            "Team meeting",
        )
        assert [person["id"] for person in bob.join("Bob")["participants"]] == [alice.id]
        assert alice.get("joined")["control"]["display_name"] == "Bob"
        bob.send("chat", "send_message", scope="global", content="Hello")
        for client in (alice, bob):
            message = client.get("message_sent")
            assert (message["source"], message["content"]) == (bob.id, "Hello")
        bob.send("control", "raise_hand")
        bob.get("hand_raised")
        assert alice.get("update")["control"]["hand_is_up"] is True
        bob.socket.close()
        assert alice.get("left") == {"message": "left", "id": bob.id, "reason": "quit"}
    expected = ["meeting.started", "participant.joined", "participant.joined", "participant.left"]
    assert meeting.activities()[:4] == expected


# --- The handshake ---


@pytest.mark.parametrize("order", [1, -1])
def test_ticket_and_protocol_come_in_any_order(meeting: Meeting, order: int) -> None:
    socket = open_socket(meeting.server, [f"ticket#{meeting.ticket('bob')}", PROTOCOL][::order])
    assert socket.subprotocol == PROTOCOL
    socket.close()


def test_who_may_not_enter_gets_json(meeting: Meeting) -> None:
    server = meeting.server
    used, fresh = meeting.ticket("bob"), meeting.ticket("bob")
    open_socket(server, [f"ticket#{used}", PROTOCOL]).close()
    for words, status, code in (
        ([], 400, "missing_protocol"),
        ([f"ticket#{fresh}"], 400, "invalid_protocol"),
        (["something-v2", f"ticket#{fresh}"], 400, "invalid_protocol"),
        ([PROTOCOL], 401, "missing_ticket"),
        ([PROTOCOL, "ticket#short"], 401, "invalid_ticket"),
        ([PROTOCOL, f"ticket#{'x' * 64}"], 401, "invalid_ticket"),
        ([PROTOCOL, f"ticket#{used}"], 401, "invalid_ticket"),
    ):
        with pytest.raises(InvalidStatus) as refused:
            open_socket(server, words)
        response = refused.value.response
        assert (response.status_code, json.loads(response.body or b"")["code"]) == (status, code)
    open_socket(server, [f"ticket#{fresh}", PROTOCOL]).close()


# --- What the socket says by itself ---


def test_echo_is_answered_before_joining(meeting: Meeting) -> None:
    with meeting.client("bob") as bob:
        for data in ('{"namespace":"echo","payload":{"action":"ping","n":1}}', b'{"namespace":"echo","payload":[2]}'):
            bob.socket.send(data)
            answer = json.loads(bob.socket.recv(timeout=5))
            assert (answer["namespace"], answer["payload"]) == ("echo", json.loads(data)["payload"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("{", "invalid_json"),
        ("[]", "invalid_json"),
        ('{"namespace":"control"}', "invalid_json"),
        ('{"namespace":"control","payload":{"action":"fly"}}', "invalid_json"),
        ('{"namespace":"control","payload":{"action":"grant_moderator_role","target":7}}', "invalid_json"),
        ('{"namespace":"sports","payload":{"action":"join"}}', "invalid_namespace"),
        ('{"namespace":"control","payload":{"action":"raise_hand"}}', "not_yet_joined"),
        ('{"namespace":"control","payload":{"action":"enter_room"}}', "not_accepted_or_not_in_waiting_room"),
    ],
)
def test_frame_that_means_nothing_is_an_error(meeting: Meeting, data: str, code: str) -> None:
    with meeting.client("bob") as bob:
        bob.socket.send(data)
        frame = json.loads(bob.socket.recv(timeout=5))
        assert (frame["namespace"], frame["payload"]) == ("control", {"message": "error", "error": code})


def test_too_many_commands_end_the_socket(meeting: Meeting) -> None:
    with meeting.client("bob") as bob:
        bob.join("Bob")
        for _number in range(100):
            bob.send("echo", "ping")
        with suppress(ConnectionClosed):  # it may end while the client still sends
            for _number in range(200):
                bob.send("chat", "send_message", scope="global", content="")
        assert bob.close_code() == 1000
        assert bob.frames[-1]["payload"] == {"message": "rate_limit_exceeded"}


def test_signals_of_streams_may_come_ten_times_as_fast(meeting: Meeting) -> None:
    with meeting.client("bob") as bob:
        bob.join("Bob")
        signal = {"target": bob.id, "media_session_type": "video"}
        for _number in range(300):
            bob.send("media", "sdp_end_of_candidates", **signal)
        bob.send("chat", "send_message", scope="global", content="Hello")
        assert bob.get("message_sent")["content"] == "Hello"
        with suppress(ConnectionClosed):
            for _number in range(2000):
                bob.send("media", "sdp_end_of_candidates", **signal)
        assert bob.close_code() == 1000
        assert bob.frames[-1]["payload"] == {"message": "rate_limit_exceeded"}


def test_message_over_a_megabyte_ends_the_socket(meeting: Meeting) -> None:
    with meeting.client("bob") as bob:
        bob.socket.send('"' + "x" * 1_048_576 + '"')
        assert bob.close_code() == 1009


# --- Coming back ---


def test_who_comes_back_takes_the_place_at_once(meeting: Meeting) -> None:
    with meeting.client("alice") as alice, meeting.client("bob") as bob:
        alice.join("Alice")
        bob.join("Bob")
        alice.send("chat", "send_message", scope="global", content="Hello")
        bob.get("message_sent")
        with meeting.client("bob", resumption=bob.resumption) as again:
            assert bob.close_code() == 1000
            welcome = again.join("Bob")
            assert again.id == bob.id
            assert [message["content"] for message in welcome["chat"]["room_history"]] == ["Hello"]
            alice.get("left")
            assert alice.get("joined")["id"] == bob.id
            again.send("control", "raise_hand")
            assert alice.get("update")["id"] == bob.id
            assert [frame["payload"]["message"] for frame in alice.frames].count("left") == 1


def test_server_that_restarts_has_its_clients_back(database: Database, tmp_path: Path) -> None:
    with Server(database, tmp_path) as server:
        meeting = Meeting(server)
        old = [meeting.joined("alice"), meeting.joined("bob")]
        server.stop()
        assert [client.close_code() for client in old] == [1012, 1012]
    with Server(database, tmp_path) as server:
        meeting.server = server
        names = ("alice", "bob")
        back = [meeting.joined(name, resumption=before.resumption) for name, before in zip(names, old, strict=True)]
        assert [client.id for client in back] == [client.id for client in old]
        assert meeting.activities().count("meeting.started") == 1


# --- What others do to the room ---


def test_deleted_room_ends_the_sockets(meeting: Meeting) -> None:
    with meeting.client("alice") as alice, meeting.client("bob") as bob:
        alice.join("Alice")
        meeting.server.do("delete_meeting", room=meeting.room)
        for client in (alice, bob):
            assert client.close_code() == 1000
            assert client.frames[-1]["payload"] == {"message": "room_deleted"}


@pytest.mark.parametrize("who", ["bob", "guest"])
def test_who_may_no_longer_be_here_is_put_out(meeting: Meeting, who: str) -> None:
    with meeting.client("alice") as alice, meeting.client(who) as unwanted:
        alice.join("Alice")
        unwanted.join("Somebody")
        meeting.server.do("revoke" if who == "guest" else "disable", who=meeting.account(who))
        assert unwanted.close_code() == 1000
        assert unwanted.frames[-1]["payload"] == {"message": "kicked"}
        assert alice.get("left")["reason"] == "kicked"


def test_time_limit_ends_the_meeting(meeting: Meeting) -> None:
    meeting.server.do("set_quotas", room=meeting.room, room_time_limit_secs=1)
    with meeting.client("alice") as alice:
        assert alice.join("Alice")["closes_at"]
        assert alice.close_code() == 1000
        assert alice.frames[-1]["payload"] == {"message": "time_limit_quota_elapsed"}
    assert meeting.activities()[-2:] == ["participant.left", "meeting.ended"]


def test_timestamps_never_repeat(meeting: Meeting) -> None:
    with meeting.client("alice") as alice:
        alice.join("Alice")
        started = time.monotonic()
        for _number in range(50):
            alice.send("chat", "send_message", scope="global", content=str(uuid.uuid4()))
        for _number in range(50):
            alice.get("message_sent")
        assert time.monotonic() - started < 10
        times = [frame["timestamp"] for frame in alice.frames if frame["payload"]["message"] == "message_sent"]
        assert times == sorted(set(times))
