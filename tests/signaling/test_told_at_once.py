"""What is done to a room elsewhere on the site reaches its sockets by a message, asked of nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Database
from tests.services import need_redis
from tests.signaling.served import Meeting, Server

pytestmark = [pytest.mark.service, pytest.mark.slow]


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[Server]:
    with Server(database, tmp_path, SHARED_FOLDERS="nextcloud") as made:
        made.do("look_no_more")
        yield made


def test_sockets_end_at_once(server: Server) -> None:
    for who, what, arguments in (
        ("bob", "disable", ["who"]),
        ("bob", "uninvite", ["room", "who"]),
        ("guest", "revoke", ["who"]),
    ):
        meeting = Meeting(server)
        known = {"room": meeting.room, "who": meeting.account(who)}
        with meeting.joined("alice") as alice, meeting.joined(who) as unwanted:
            server.do(what, **{name: known[name] for name in arguments})
            assert unwanted.close_code() == 1000, what
            assert unwanted.frames[-1]["payload"] == {"message": "kicked"}
            assert alice.get("left")["reason"] == "kicked"


def test_owner_who_is_disabled_takes_everybody_along(server: Server) -> None:
    meeting = Meeting(server)
    with meeting.joined("alice") as alice, meeting.joined("bob") as bob:
        server.do("disable", who=meeting.account("alice"))
        assert [client.close_code() for client in (alice, bob)] == [1000, 1000]


def test_deleted_room_ends_at_once(server: Server) -> None:
    meeting = Meeting(server)
    with meeting.joined("alice") as alice:
        server.do("delete_meeting", room=meeting.room)
        assert alice.close_code() == 1000
        assert alice.frames[-1]["payload"] == {"message": "room_deleted"}


def test_folder_reaches_the_room(server: Server) -> None:
    meeting = Meeting(server)
    with meeting.joined("alice") as alice:
        server.do("give_folder", room=meeting.room)
        assert alice.get("updated")["read"] == {"url": "https://files.example.org/r", "password": "look"}


def test_lobby_that_opens_lets_in_who_waits(server: Server) -> None:
    meeting = Meeting(server, waiting_room=True)
    with meeting.joined("alice") as alice, meeting.client("bob") as bob:
        bob.send("control", "join", display_name="Bob")
        bob.get("in_waiting_room")
        server.do("change", room=meeting.room, lobby_opens_before_minutes=10**6)
        bob.get("accepted")
        alice.get("waiting_room_disabled")
        bob.send("control", "enter_room")
        assert alice.get("joined")["id"] == bob.get("join_success")["id"]


def test_process_without_sockets_tells_the_one_that_has_them(database: Database, tmp_path: Path) -> None:
    settings = {"CACHE_URL": need_redis()}
    with Server(database, tmp_path, **settings) as server, Server(database, tmp_path, **settings) as other:
        server.do("look_no_more")
        meeting = Meeting(server)
        with meeting.joined("alice") as alice:
            other.do("delete_meeting", room=meeting.room)
            assert alice.close_code() == 1000
