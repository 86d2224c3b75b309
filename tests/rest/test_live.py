"""How answers that go on are made; tests/opentalk_site/test_bridge.py runs them."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator

import pytest
from django.test import RequestFactory

from rest.live import LiveResponse, event, in_thread, retry, runs_live

CALLED: list[str] = []


async def live() -> AsyncGenerator[bytes, None]:
    yield b""


def at_once() -> Iterator[bytes]:
    CALLED.append("at once")
    yield b"what there is"


def test_plain_wsgi_is_answered_what_there_is_when_it_reads() -> None:
    CALLED.clear()
    response = LiveResponse(live, at_once)
    assert CALLED == []
    assert response.getvalue() == b"what there is"
    headers = {name: response[name] for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering")}
    assert headers == {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def test_other_content_brings_its_own_headers() -> None:
    response = LiveResponse(live, at_once, content_type="application/json", headers={})
    assert response["Content-Type"] == "application/json"
    assert "X-Accel-Buffering" not in response


def test_view_knows_whether_waiting_is_cheap() -> None:
    assert not runs_live(RequestFactory().get("/"))
    assert runs_live(RequestFactory().get("/", **{"asgi.scope": {}}))


def test_events_are_written_as_the_format_wants_them() -> None:
    assert event(json.dumps({"a": 1}).encode(), name="activity", event_id="7") == (
        b'event: activity\nid: 7\ndata: {"a": 1}\n\n'
    )
    assert event(b"", event_id="7") == b"id: 7\n\n"
    assert retry() == b"retry: 2000\n\n"


@pytest.mark.django_db
def test_thread_answers_the_loop() -> None:
    assert asyncio.run(in_thread(lambda: 7)) == 7
