"""Several processes serve one room: with Redis, and without; one that dies leaves nobody behind."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.databases import Database
from tests.services import need_redis
from tests.signaling.served import PROTOCOL, Client, Meeting, Server, open_socket

pytestmark = [pytest.mark.service, pytest.mark.slow]


@pytest.fixture(params=["with Redis", "without Redis"])
def pair(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    settings = {"CACHE_URL": need_redis()} if request.param == "with Redis" else {}
    with ExitStack() as running:
        first, second = (running.enter_context(Server(database, tmp_path, **settings)) for _number in range(2))
        yield first, second


def test_people_of_two_processes_are_one_meeting(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[0])
    with meeting.joined("alice") as alice, meeting.client("bob", server=pair[1]) as bob:
        assert [person["id"] for person in bob.join("Bob")["participants"]] == [alice.id]
        assert alice.get("joined")["id"] == bob.id
        for number in range(20):
            (alice, bob)[number % 2].send("chat", "send_message", scope="global", content=str(number))
        for client in (alice, bob):
            for _number in range(20):
                client.get("message_sent")
        heard = [
            [(frame["timestamp"], frame["payload"]) for frame in client.frames if "content" in frame["payload"]]
            for client in (alice, bob)
        ]
        assert heard[0] == heard[1]
        times = [timestamp for timestamp, _message in heard[0]]
        assert times == sorted(set(times))


def test_who_comes_back_elsewhere_replaces_the_old_socket(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[0])
    alice, bob = meeting.joined("alice"), meeting.joined("bob")
    with alice, bob, meeting.joined("bob", resumption=bob.resumption, server=pair[1]) as again:
        assert again.id == bob.id
        assert bob.close_code() == 1000
        alice.get("left")
        assert alice.get("joined")["id"] == bob.id
        alice.send("chat", "send_message", scope="private", target=bob.id, content="There?")
        assert again.get("message_sent")["content"] == "There?"


def test_people_of_a_process_that_was_killed_leave(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[1])
    with meeting.joined("alice") as alice:
        bob = meeting.joined("bob", server=pair[0])
        alice.get("joined")
        pair[0].stop(signal.SIGKILL)
        pair[1].do("age_leases", seconds=31)
        assert alice.get("left") == {"message": "left", "id": bob.id, "reason": "timeout"}


def test_what_only_one_process_keeps_in_memory_is_there_in_the_other(pair: tuple[Server, Server]) -> None:
    """What somebody has read is passed on without the database; it is saved when they go."""
    meeting = Meeting(pair[0])
    with meeting.joined("alice") as alice:
        bob = meeting.joined("bob")
        bob.send("chat", "set_last_seen_timestamp", scope="global", timestamp="2026-11-23T09:00:00Z")
        bob.socket.close()
        assert alice.get("left")["id"] == bob.id
        with meeting.client("bob", resumption=bob.resumption, server=pair[1]) as again:
            assert again.join("Bob")["chat"]["last_seen_timestamp_global"] == "2026-11-23T09:00:00Z"


def test_rolling_restart_has_everybody_back_as_the_same(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[1])
    with meeting.joined("carol") as carol:
        old = [meeting.joined(name, server=pair[0]) for name in ("alice", "bob")]
        for _client in old:
            carol.get("joined")
        pair[0].stop()
        assert [client.close_code() for client in old] == [1012, 1012]
        resumptions = zip(("alice", "bob"), old, strict=True)
        back = [meeting.joined(name, resumption=client.resumption) for name, client in resumptions]
        assert [client.id for client in back] == [client.id for client in old]
        assert {carol.get("joined")["id"] for _client in back} == {client.id for client in old}
        assert meeting.activities().count("meeting.started") == 1


def test_staff_end_a_meeting_of_both(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[0])
    with meeting.joined("alice") as alice, meeting.joined("bob", server=pair[1]) as bob:
        pair[1].do("end_by_staff", room=meeting.room)
        for client in (alice, bob):
            assert client.close_code() == 1000
            assert client.frames[-1]["payload"] == {"message": "kicked"}
    assert meeting.activities()[-1] == "meeting.ended"


def test_of_two_with_one_ticket_one_gets_in(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[0])
    words = [f"ticket#{meeting.ticket('bob')}", PROTOCOL]
    with ThreadPoolExecutor(8) as crowd:
        opened = list(crowd.map(lambda number: is_open(pair[number % 2], words), range(8)))
    assert opened.count(True) == 1


def test_of_two_moderators_who_accept_somebody_one_does(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[0], waiting_room=True)
    with meeting.joined("alice") as alice, meeting.joined("alice", server=pair[1]) as again:
        for server in pair * 3:
            with meeting.client("guest", server=server) as guest:
                guest.send("control", "join", display_name="Wim")
                guest.get("in_waiting_room")
                target = {client.get("joined_waiting_room")["id"] for client in (alice, again)}.pop()
                for client in (alice, again):
                    client.send("moderation", "accept", target=target)
                both_are_done(alice, again)
                guest.send("control", "enter_room")
                guest.get("join_success")
                assert told(guest, "accepted") == 1


def test_poll_that_runs_out_while_two_finish_it_ends_once(pair: tuple[Server, Server]) -> None:
    meeting = Meeting(pair[0])
    with meeting.joined("alice") as alice, meeting.joined("alice", server=pair[1]) as again:
        alice.send("polls", "start", topic="Lunch?", choices=["Yes", "No"], duration=2)
        poll = again.get("started")["id"]
        runs_out = time.monotonic() + 2
        for hundredth in range(-2, 3):
            time.sleep(max(0, runs_out + hundredth / 100 - time.monotonic()))
            for client in (alice, again):
                client.send("polls", "finish", id=poll)
        both_are_done(alice, again)
        assert [told(client, "done") for client in (alice, again)] == [1, 1]


def both_are_done(*clients: Client) -> None:
    """All that they asked for has been done, and they have heard of it."""
    for client in clients:
        client.send("control", "raise_hand")
        client.get("hand_raised")
    for client in clients:
        client.send("control", "lower_hand")
        client.get("hand_lowered")


def told(client: Client, message: str) -> int:
    return sum(frame["payload"].get("message") == message for frame in client.frames)


def is_open(server: Server, words: list[str]) -> bool:
    try:
        open_socket(server, words).close()
    except InvalidStatus:
        return False
    return True
