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
    peer: tuple[str, int]  # another one for each connection

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        handler = self.event_handler
        if handler.drops(self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""):
            # The other side is in the midst of it.
            await self.push("354 Go on")
            self.transport.abort()
        elif answer := handler.data_answer:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


class SmtpSink:
    """`refused` answers an address instead of taking it; `before_answer` runs when a mail is in and unanswered.

    `drops` names receivers whose mails break the line; `sender_answer` and `data_answer` stand instead of taking these
    commands. `answers` is asked before each receiver is taken.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port or free_port()
        self.received: list[Received] = []
        self.refused: dict[str, str] = {}
        self.before_answer: Callable[[Received], str | None] = lambda _received: None
        self.drops: Callable[[str], bool] = lambda _address: False
        self.answers: Callable[[str, tuple[str, int]], str] = lambda _address, _peer: OK
        self.sender_answer = OK
        self.data_answer = ""
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self._controller.stop()

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer == OK:
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refused.get(address) or self.answers(address, session.peer)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = bytes(envelope.content or b"")
        mail = Received(recipient=envelope.rcpt_tos[0], content=content, at=time.monotonic(), peer=session.peer)
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
