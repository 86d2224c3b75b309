"""api/event while it waits: one look after another until there is something, without a thread in between."""

import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import orjson
from django.utils import timezone

from activity.waking import Waiter
from integrations.cospace.errors import NoAuth, NoSession
from integrations.cospace.stream import Page, look
from rest.errors import ApiError
from rest.live import COMMENT, IDLE_SECONDS, LiveResponse, event, in_thread, retry

# A thread that waits is one less for everybody else (rest/live.py).
LONGEST_IN_THREAD, EVERY = 2.0, 0.2
# Clients of one session that wait in this process at once; the next one is refused.
MOST_OF_SESSION = 20

_waiting: Counter[uuid.UUID] = Counter()


class TooManyClients(ApiError):
    default_detail = f"{MOST_OF_SESSION} clients of this session wait already"


@dataclass(frozen=True)
class Wanted:
    """What a client asked for; `first` is the id of the first event that it has not seen."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    first: int
    count: int
    seconds: float = 0

    def look(self) -> Page:
        return look(self.session_id, self.user_id, first=self.first, count=self.count)


@contextmanager
def _one_more(wanted: Wanted) -> Iterator[Waiter]:
    _waiting[wanted.session_id] += 1
    try:
        with Waiter(wanted.user_id) as waiter:
            yield waiter
    finally:
        _waiting[wanted.session_id] -= 1
        if not _waiting[wanted.session_id]:
            del _waiting[wanted.session_id]


def refuse_too_many(session_id: uuid.UUID) -> None:
    """Raises TooManyClients."""
    if _waiting[session_id] >= MOST_OF_SESSION:
        raise TooManyClients


def long_poll(wanted: Wanted) -> LiveResponse:
    return LiveResponse(
        lambda: _waited(wanted),
        lambda: [_written(_looked_at(wanted, min(wanted.seconds, LONGEST_IN_THREAD)))],
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def event_stream(wanted: Wanted) -> LiveResponse:
    return LiveResponse(lambda: _streamed(wanted), lambda: [retry(), *_lines(_answer(wanted.look))])


async def _waited(wanted: Wanted) -> AsyncGenerator[bytes, None]:
    ends_at = time.monotonic() + wanted.seconds
    with _one_more(wanted) as waiter:
        while True:
            answer = await in_thread(partial(_answer, wanted.look))
            left = ends_at - time.monotonic()
            if not isinstance(answer, Page) or answer.events or left <= 0:
                yield _written(answer)
                return
            if not answer.is_behind:
                await waiter.wait(min(left, IDLE_SECONDS, _until(answer.status_at)))


async def _streamed(wanted: Wanted) -> AsyncGenerator[bytes, None]:
    """Until the session ends: then the client connects again, and is told."""
    yield retry()
    with _one_more(wanted) as waiter:
        while True:
            answer = await in_thread(partial(_answer, wanted.look))
            if not isinstance(answer, Page):
                return
            if answer.events:
                wanted = replace(wanted, first=answer.events[-1]["id"] + 1)
                yield b"".join(_lines(answer))
            elif not answer.is_behind and not await waiter.wait(min(IDLE_SECONDS, _until(answer.status_at))):
                yield COMMENT


def _looked_at(wanted: Wanted, seconds: float) -> Page | ApiError:
    """The same in a thread of a server that cannot wait otherwise."""
    ends_at = time.monotonic() + seconds
    while True:
        answer = _answer(wanted.look)
        if not isinstance(answer, Page) or answer.events or time.monotonic() >= ends_at:
            return answer
        if not answer.is_behind:
            time.sleep(EVERY)


def _answer(find: Callable[[], Page]) -> Page | ApiError:
    try:
        return find()
    except (NoSession, NoAuth) as error:
        return error


def _written(answer: Page | ApiError) -> bytes:
    if isinstance(answer, Page):
        return orjson.dumps({"status": "ok"} | answer.told())
    return orjson.dumps({"status": answer.code, "message": str(answer.detail)})


def _lines(answer: Page | ApiError) -> Iterable[bytes]:
    for told in answer.events if isinstance(answer, Page) else ():
        yield event(orjson.dumps(told), name=told["event"], event_id=str(told["id"]))


def _until(moment: datetime | None) -> float:
    """Seconds; some more, so that it is not asked before its time."""
    return max((moment - timezone.now()).total_seconds(), 0) + 0.01 if moment else float("inf")
