"""Programs at the running site, on both databases: everything comes once, in one order, and nothing that was undone."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.databases import KINDS, Database, fresh_database
from tests.integrations.streams.listening import SECONDS, Listener, Server
from tests.site import wait_until

pytestmark = [pytest.mark.service, pytest.mark.slow]
WRITERS, EACH = 8, 15
LISTENING = "query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_snapshot_xmin(now)%'"
OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with fresh_database(request.param, tmp_path_factory.mktemp("database")) as made:
        yield made


@pytest.fixture(scope="module")
def server(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(database, tmp_path_factory.mktemp("server"))
    server.migrate()
    with server:
        yield server
    log = server.log.read_text()
    assert "Traceback" not in log, log


def token_of(server: Server, name: str) -> str:
    return str(server.do("people", name)[name])


def test_all_listeners_get_everything_once_and_in_one_order(server: Server) -> None:
    token = token_of(server, "alice")
    restless: list[str] = []

    def come_and_go() -> None:
        last = first.last_id
        while not done.is_set() or len(restless) < len(first.titles):
            with Listener(server, token, last) as listener:
                time.sleep(0.1)
            restless.extend(listener.titles)
            last = listener.last_id

    done = threading.Event()
    with Listener(server, token) as first, Listener(server, token) as second:
        thread = threading.Thread(target=come_and_go)
        thread.start()
        kept = server.do("write_many", str(WRITERS), str(EACH), "alice")
        first.wait_for(*kept)
        second.wait_for(*kept)
        done.set()
        thread.join(SECONDS)
    assert sorted(first.titles) == sorted(kept)
    assert first.titles == second.titles == restless
    listed = [item["id"] for item in server.get("/v1/activity?per_page=100", token)]
    assert first.ids == listed[::-1]
    for writer in range(WRITERS):
        own = [title for title in first.titles if title.startswith(f"{writer}-")]
        assert own == [title for title in kept if title.startswith(f"{writer}-")]


def test_each_gets_what_concerns_them(server: Server) -> None:
    tokens = server.do("people", "bob", "carol")
    with Listener(server, tokens["bob"]) as bob, Listener(server, tokens["carol"]) as carol:
        server.do("write", "for bob", "bob")
        server.do("write", "for both", "bob", "carol")
        carol.wait_for("for both")
        bob.wait_for("for both")
    assert (bob.titles, carol.titles) == (["for bob", "for both"], ["for both"])


def test_what_came_while_nobody_listened_comes_first(server: Server) -> None:
    token = token_of(server, "dora")
    with Listener(server, token) as listener:
        last = listener.last_id
    kept = server.do("write_many", "1", "250", "dora")
    with Listener(server, token, last) as listener:
        server.do("write", "now", "dora")
        listener.wait_for("now")
    assert listener.titles == [*kept, "now"]


def test_lost_connection_of_the_listener_loses_nothing(server: Server, database: Database) -> None:
    if "postgresql" not in database.url:
        pytest.skip("SQLite has no connection to lose")
    token = token_of(server, "erin")
    with Listener(server, token) as listener:
        server.do("write", "before", "erin")
        listener.wait_for("before")
        for number in range(3):
            assert database.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENING}")
            server.do("write", f"{number}", "erin")
            listener.wait_for(f"{number}")
    assert listener.titles == ["before", "0", "1", "2"]


def test_older_transaction_delays_and_loses_nothing(server: Server, database: Database) -> None:
    if "postgresql" not in database.url:
        pytest.skip("SQLite has one writer at a time")
    token = token_of(server, "frank")
    with Listener(server, token) as listener:
        with psycopg.connect(database.url) as older:
            older.execute("SELECT pg_current_xact_id()")
            server.do("write", "hidden", "frank")
            time.sleep(0.5)
            assert listener.titles == []
        listener.wait_for("hidden")


def test_waiting_takes_no_connection_each_and_one_person_has_so_many(server: Server, database: Database) -> None:
    tokens = server.do("people", "gina", "hugo", "iris")
    listeners = [Listener(server, token) for token in tokens.values() for _number in range(10)]
    try:
        assert {listener.status for listener in listeners} == {200}
        wait_until(lambda: all(listener.has_begun.is_set() for listener in listeners), SECONDS, "all have begun")
        with_one_more = Listener(server, tokens["gina"])
        assert with_one_more.status == 429
        with_one_more.close()
        server.do("write", "for all", "gina", "hugo", "iris")
        for listener in listeners:
            listener.wait_for("for all")
        if "postgresql" in database.url:
            # The pool keeps those of eight threads for requests and four for streams; one listens.
            assert database.rows(OURS)[0][0] <= 8 + 4 + 1 + 4
    finally:
        for listener in listeners:
            listener.close()


def test_stream_ends_with_the_sign_in(server: Server) -> None:
    tokens = server.do("people", "jane", "kurt", "lena")
    with (
        Listener(server, tokens["jane"]) as jane,
        Listener(server, tokens["kurt"]) as kurt,
        Listener(server, tokens["lena"]) as lena,
    ):
        server.do("disable", "jane")
        assert jane.has_ended.wait(SECONDS)
        server.do("sign_out", "kurt")
        assert kurt.has_ended.wait(SECONDS)
        server.do("write", "still here", "lena")
        lena.wait_for("still here")
        with Listener(server, server.do("short_token", "lena")) as ending:
            assert ending.has_ended.wait(SECONDS)
        assert not lena.has_ended.is_set()


def test_server_that_stops_ends_its_streams(database: Database, server: Server, tmp_path: Path) -> None:
    token = token_of(server, "mike")
    other = Server(database, tmp_path, VAR_DIR=server.environment["VAR_DIR"])
    with other, Listener(other, token) as listener:
        begun = time.monotonic()
        other.stop()
        assert time.monotonic() - begun < 8
        assert listener.has_ended.wait(SECONDS)
    assert "Traceback" not in other.log.read_text()
