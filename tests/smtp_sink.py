"""A real SMTP server on this machine that keeps what it gets and refuses, waits or hangs up as a test tells it."""

import asyncio
import email
import email.policy
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 OK"


@dataclass(frozen=True)
class Received:
    recipient: str
    content: bytes
    at: float

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]


class SmtpSink:
    """`refused` answers an address instead of taking it; `before_answer` runs when a mail is in and unanswered."""

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.received: list[Received] = []
        self.refused: dict[str, str] = {}
        self.before_answer: Callable[[Received], str | None] = lambda _received: None
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refused.get(address, OK)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = bytes(envelope.content or b"")
        mail = Received(recipient=envelope.rcpt_tos[0], content=content, at=time.monotonic())
        answer = await asyncio.get_running_loop().run_in_executor(None, self.before_answer, mail)
        if answer is None or answer == OK:
            self.received.append(mail)
        return answer or OK

    @property
    def recipients(self) -> list[str]:
        return [mail.recipient for mail in self.received]

    def wait_for(self, count: int, *, seconds: float = 60) -> list[Received]:
        """The first `count` mails, as soon as they are there."""
        end = time.monotonic() + seconds
        while len(self.received) < count:
            assert time.monotonic() < end, f"{len(self.received)} of {count} mails in {seconds} s: {self.recipients}"
            time.sleep(0.05)
        return self.received[:count]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
