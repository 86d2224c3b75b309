"""A WSGI application in an ASGI server: what it is told, how its answer goes out, and who may hold a thread."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Any

import pytest

from opentalk_site import bridge
from opentalk_site.bridge import Bridge, Disconnected

GONE = {"type": "http.disconnect"}
OPEN: Any = object()  # the client stays and says nothing


def part(body: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def scope(**fields: Any) -> dict[str, Any]:
    return {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/", "raw_path": b"/",
        "query_string": b"", "root_path": "", "headers": [], "server": ("127.0.0.1", 8000),
        "client": ("192.0.2.1", 50000),
    } | fields  # fmt: skip


async def call(site: Bridge, *messages: Any, **fields: Any) -> list[dict[str, Any]]:
    """What is sent to a client that sends these messages."""
    sent: list[dict[str, Any]] = []
    coming = iter(messages or [part()])

    async def receive() -> Any:
        message = next(coming, OPEN)
        return await asyncio.get_running_loop().create_future() if message is OPEN else message

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(site(scope(**fields), receive, send), 5)
    return sent


class Seen:
    """An application that keeps what it is told, and answers `pieces`."""

    def __init__(self, *pieces: bytes, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.pieces, self.headers = pieces or (b"ok",), list(headers)
        self.environ: dict[str, Any] = {}
        self.body = b""
        self.read = 0
        self.is_closed = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.environ, self.body = environ, environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain"), *self.headers])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.read += 1
            yield piece

    def close(self) -> None:
        self.is_closed = True


def test_request_is_told_as_wsgi_wants_it() -> None:
    seen = Seen()
    headers = [(b"host", b"meet"), (b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    asyncio.run(call(
        Bridge(seen, threads=1), part(b"ab", more=True), part(b"c"), method="POST", raw_path=b"/caf%C3%A9",
        query_string=b"q=%C3%A9", headers=[*headers, (b"content-type", b"text/plain"), (b"x_a", b"3")], scheme="https",
    ))  # fmt: skip
    told = {name: value for name, value in seen.environ.items() if not name.startswith("wsgi.")}
    assert told.pop("asgi.scope")["type"] == "http"
    assert told == {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/cafÃ©", "QUERY_STRING": "q=%C3%A9",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "192.0.2.1",
        "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "3",
        "HTTP_HOST": "meet", "HTTP_X_A": "1,2", "HTTP_COOKIE": "a=1; b=2",
    }  # fmt: skip
    assert (seen.body, seen.environ["wsgi.url_scheme"], seen.is_closed) == (b"abc", "https", True)


def test_answer_that_says_its_length_is_sent_whole() -> None:
    sent = asyncio.run(
        call(Bridge(Seen(b"whole", headers=[("Content-Length", "5"), ("Set-Cookie", " a=1")]), threads=1))
    )
    assert sent == [
        {
            "type": "http.response.start", "status": 200,
            "headers": [(b"content-type", b"text/plain"), (b"content-length", b"5"), (b"set-cookie", b"a=1")],
        },
        {"type": "http.response.body", "body": b"whole"},
    ]  # fmt: skip


def test_each_piece_is_sent_before_the_next_is_read() -> None:
    seen = Seen(b"a", b"b", b"c")
    read: list[tuple[bytes, int]] = []

    async def receive() -> Any:
        return part() if not seen.read else await asyncio.get_running_loop().create_future()

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            read.append((message["body"], seen.read))

    asyncio.run(Bridge(seen, threads=1)(scope(), receive, send))
    assert read == [(b"a", 1), (b"b", 2), (b"c", 3)]
    assert seen.is_closed


def test_nothing_is_read_for_a_client_that_has_gone() -> None:
    seen = Seen(*[b"piece"] * 1000)
    asyncio.run(call(Bridge(seen, threads=1), part(), GONE))
    assert seen.read < 1000
    assert seen.is_closed


def test_request_that_is_cut_off_reaches_nobody() -> None:
    seen = Seen()
    assert asyncio.run(call(Bridge(seen, threads=1), part(b"a", more=True), GONE)) == []
    assert seen.environ == {}


def test_who_sends_slowly_holds_no_thread() -> None:
    async def both() -> list[dict[str, Any]]:
        site = Bridge(Seen(), threads=1)
        slow = asyncio.ensure_future(call(site, part(b"a", more=True), OPEN))
        answer = await call(site)
        slow.cancel()
        return answer

    assert asyncio.run(both())[0]["status"] == 200


def test_file_is_read_while_it_comes_in_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "AWAITED_BYTES", 3)
    names: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        names.append(threading.current_thread().name)
        body = environ["wsgi.input"]
        start_response("200 OK", [])
        return [body.read(2), body.read(100)]

    parts = [part(b"abcd", more=True), part(b"", more=True), part(b"ef", more=True), part(b"g")]
    sent = asyncio.run(call(Bridge(application, threads=1), *parts, OPEN))
    assert [message["body"] for message in sent[1:]] == [b"ab", b"cdefg", b""]
    assert names[0].startswith("upload")


def test_file_that_is_cut_off_is_an_error_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "AWAITED_BYTES", 3)
    raised: list[type[Exception]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except Disconnected as error:
            raised.append(type(error))
        start_response("400 Bad Request", [("Content-Length", "0")])
        return []

    asyncio.run(call(Bridge(application, threads=1), part(b"abcd", more=True), GONE))
    assert raised == [Disconnected]


class Live:
    """An application whose answer goes on for as long as the client stays."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = seconds
        self.is_closed = self.has_ended = False
        self.threads: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return self

    def __iter__(self) -> Any:
        raise AssertionError("only where nothing runs live")

    def close(self) -> None:
        self.is_closed = True

    async def live(self) -> AsyncGenerator[bytes, None]:
        try:
            yield b"a"
            self.threads.add(threading.current_thread().name)
            yield b"b"
            await asyncio.get_running_loop().create_future()
        finally:
            self.has_ended = True


def bodies(sent: list[dict[str, Any]]) -> list[tuple[bytes, bool]]:
    return [(message["body"], message.get("more_body", False)) for message in sent[1:]]


def test_live_answer_goes_on_without_a_thread_until_its_time_is_over() -> None:
    live = Live(seconds=0.05)
    sent = asyncio.run(call(Bridge(live, threads=1), part(), OPEN))
    assert (sent[0]["status"], bodies(sent)) == (200, [(b"a", True), (b"b", True), (b"", False)])
    assert live.threads == {"MainThread"}
    assert live.is_closed
    assert live.has_ended


def test_live_answer_ends_with_its_client() -> None:
    live = Live()
    asyncio.run(call(Bridge(live, threads=1), part(), GONE))
    assert live.has_ended


def test_threads_are_free_while_live_answers_run() -> None:
    live = Live()

    async def many() -> int:
        site = Bridge(live, threads=1)
        waiting = [asyncio.ensure_future(call(site, part(), OPEN)) for _number in range(20)]
        async with asyncio.timeout(5):
            while len(site.lives) < 20:  # noqa: ASYNC110 - nothing says when
                await asyncio.sleep(0)
        site.end_lives()
        ended = await asyncio.gather(*waiting)
        assert not site.lives
        return len(ended)

    assert asyncio.run(many()) == 20


def test_head_of_a_live_answer_is_all_that_head_gets() -> None:
    sent = asyncio.run(call(Bridge(Live(), threads=1), part(), OPEN, method="HEAD"))
    assert bodies(sent) == [(b"", False)]


def test_client_that_takes_nothing_is_left_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "FAREWELL_SECONDS", 0.05)
    live = Live(seconds=0.05)

    async def receive() -> Any:
        return await asyncio.get_running_loop().create_future() if live.is_closed else part()

    async def send(message: dict[str, Any]) -> None:
        if "body" in message:
            await asyncio.get_running_loop().create_future()

    asyncio.run(asyncio.wait_for(Bridge(live, threads=1)(scope(), receive, send), 5))
    assert live.has_ended


def test_live_answer_that_fails_is_an_error_of_the_server() -> None:
    class Broken(Live):
        async def live(self) -> AsyncGenerator[bytes, None]:
            yield b"a"
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(call(Bridge(Broken(), threads=1), part(), OPEN))
