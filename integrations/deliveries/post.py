"""One request, with its deadline and the guard's limits. Runs in threads: it knows no database."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.conf import settings

from integrations.deliveries import guard
from outgoing import http

logger = logging.getLogger(__name__)
DEADLINE_SECONDS = 15.0
MAX_ANSWER_BYTES = 65_536
KEPT_ANSWER_CHARACTERS = 1024
LONGEST_ERROR = 1000
LONGEST_RETRY_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Post:
    """`problem` is why it cannot be sent at all."""

    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Result:
    """`status` None is no answer; `retry_after` is what the receiver asked for."""

    status: int | None = None
    error: str = ""
    answer: str = ""
    retry_after: timedelta = timedelta(0)

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send(post: Post) -> Result:
    """Never raises: whatever goes wrong is this delivery's result."""
    if post.problem:
        return Result(error=post.problem)
    try:
        guard.refuse(post.url)
        answer = http.request(
            "POST",
            post.url,
            deadline_seconds=DEADLINE_SECONDS,
            headers={"Content-Type": "application/json; charset=utf-8", **post.headers},
            body=post.body,
            max_bytes=MAX_ANSWER_BYTES,
            is_cut=True,
            networks=settings.CALLBACK_ALLOWED_NETWORKS,
        )
        return _result(answer, datetime.now(UTC))
    except (http.OutgoingError, guard.RefusedAddressError) as error:
        return _failed(str(error))
    except Exception as error:
        # Raised out of its thread, it would end the run for all receivers.
        logger.exception("a callback could not be sent")
        return _failed(f"{type(error).__name__}: {error}")


def _failed(error: str) -> Result:
    return Result(error=_storable(error)[:LONGEST_ERROR])


def _result(answer: http.Answer, now: datetime) -> Result:
    shown = _storable(answer.body.decode(errors="replace"))[:KEPT_ANSWER_CHARACTERS]
    if answer.is_success:
        return Result(answer.status, answer=shown)
    wait = retry_after(answer.headers.get("retry-after", ""), now) if answer.status in (429, 503) else timedelta(0)
    return Result(answer.status, f"The answer's status is {answer.status}", shown, wait)


def retry_after(text: str, now: datetime) -> timedelta:
    """RFC 9110 10.2.3: seconds, or a date. Nothing for what is neither or over; 24 hours at most."""
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(float(text), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return timedelta(0)
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def _storable(text: str) -> str:
    """PostgreSQL stores no NUL."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
