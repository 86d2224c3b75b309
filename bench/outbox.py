"""What sending a mail costs from the queued row to the server's answer, and what is lost when the sender is killed.

The floor of G9 is smtplib with one connection and mails that are made already. The server is a process of its own.
"""

import multiprocessing
import smtplib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from django.db import transaction
from django.test import override_settings

from bench.measure import Reading, Run, compared, micro
from mailer import outbox
from mailer.kinds import from_json, to_json
from mailer.models import OutgoingMail
from mailer.render import render
from mailer.samples import sample
from mailer.send import deliver_due

MAILS = 50


class _Taken:
    """Says yes to everything and keeps nothing."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return "250 OK"


def _serve(port: Any, is_ready: Any, is_over: Any) -> None:
    controller = Controller(_Taken(), hostname="127.0.0.1", port=port.value)
    controller.start()
    is_ready.set()
    is_over.wait()
    controller.stop()


@contextmanager
def _server() -> Iterator[int]:
    from tests.smtp_sink import free_port  # noqa: PLC0415 - beside the server that tests use

    context = multiprocessing.get_context("fork")
    port, is_ready, is_over = context.Value("i", free_port()), context.Event(), context.Event()
    process = context.Process(target=_serve, args=(port, is_ready, is_over), daemon=True)
    process.start()
    is_ready.wait(30)
    try:
        yield port.value
    finally:
        is_over.set()
        process.join(10)


def per_second(run: Run) -> Iterator[Reading]:
    """By the clock: what waits for the server or the database counts."""
    with (
        _server() as port,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port
        ),
    ):
        found = compared(lambda: (_floor(port), _ours()), run.rounds)
        yield Reading(
            name=f"{MAILS} invitations of one action",
            value=1 / found.ratio,
            ours=micro(found.ours / MAILS),
            floor=micro(found.floor / MAILS),
            is_steady=found.is_steady,
            note=f"{MAILS / found.ours:,.0f} mails per second of one worker",
        )


def _floor(port: int) -> float:
    queued = _queued()
    ready = [render(mail).message().as_bytes() for mail in queued]
    OutgoingMail.objects.all().delete()
    started = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as connection:
        for content in ready:
            connection.sendmail("we@example.com", ["they@example.com"], content)
    return time.perf_counter() - started


def _ours() -> float:
    _queued()
    started = time.perf_counter()
    if deliver_due() != MAILS:
        raise AssertionError("not all mails were tried")
    taken = time.perf_counter() - started
    if OutgoingMail.objects.exclude(state="sent").exists():
        raise AssertionError("not all mails were sent")
    OutgoingMail.objects.all().delete()
    return taken


def _queued() -> list[OutgoingMail]:
    invitation = to_json(sample("registered_event_invite", "recurring", "en"))
    receivers = (invitation["invitee"] | {"email": f"person{number}@example.com"} for number in range(MAILS))
    with transaction.atomic():
        outbox.enqueue([from_json(invitation | {"invitee": one}) for one in receivers], cause=uuid.uuid4())
    return list(OutgoingMail.objects.all())
