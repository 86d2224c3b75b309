"""Mails that nobody should send: none of them raises, and none takes long."""

import random
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from events.services.inbound import take_in_mail
from invites.models import InboundMail
from mailer.inbound import read
from tests.circle import Circle
from tests.events import letters
from tests.events.letters import SHAPES, plain

BOB = "bob@example.com"
MOST_SECONDS = 3  # on a busy machine; most take milliseconds


def mangled(data: bytes, rng: random.Random) -> bytes:
    """Cut, doubled, swapped, with other bytes in it."""
    lines = data.split(b"\r\n")
    for _step in range(rng.randint(1, 6)):
        at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(6):
            case 0:
                lines[at : at + rng.randint(1, 4)] = []
            case 1:
                lines[at], lines[to] = lines[to], lines[at]
            case 2:
                lines.insert(at, lines[to])
            case 3:
                lines[at] = bytes(rng.randrange(256) for _byte in range(rng.randint(0, 60)))
            case 4:
                lines[at] = lines[at].replace(
                    rng.choice([b":", b";", b"=", b",", b'"', b"/"]), rng.choice([b"", b'"', b"::", b"\x00"])
                )
            case 5:
                lines[at] = lines[at] * rng.randint(2, 50)
        lines = lines or [b""]
    return rng.choice([b"\r\n", b"\n", b"\r"]).join(lines)


def took(data: bytes) -> float:
    begun = time.process_time()
    take_in_mail(data=data, source="pipe")
    return time.process_time() - begun


@pytest.mark.slow
@pytest.mark.django_db
def test_mangled_answers_have_a_verdict(settings: Settings) -> None:
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    circle, rng = Circle(), random.Random(20261121)
    for number in range(600):
        shape = rng.choice(list(SHAPES.values()))
        partstat = rng.choice(["ACCEPTED", "DECLINED", "TENTATIVE"])
        data = mangled(shape(circle.event, BOB, partstat, headers=(f"Message-ID: <{number}@example.com>",)), rng)
        assert took(data) < MOST_SECONDS, data
    assert not InboundMail.objects.filter(verdict="failed").exists()
    assert {"applied", "not_proven", "unreadable", "wrong_meeting", "no_calendar"} <= set(
        InboundMail.objects.values_list("verdict", flat=True)
    )


@pytest.mark.slow
@given(st.binary(max_size=2000))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_a_mail(data: bytes) -> None:
    assert read(data, servers=[letters.SERVER]).message_id is not None


def _nested(count: int, kind: str) -> bytes:
    head = "".join(f"Content-Type: {kind}; boundary=b{index}\r\n\r\n--b{index}\r\n" for index in range(count))
    return ("From: bob@example.com\r\n" + head).encode()


COSTLY: dict[str, Any] = {
    "quotes": lambda event: plain(
        event, BOB, headers=("Authentication-Results: mx.example.org; " + '"\\"' * 2000,) * 150
    ),
    "comments": lambda event: plain(event, BOB, headers=("From: " + "(" * 500_000,)),
    "encoded words": lambda event: plain(event, BOB, headers=("Subject: " + "=?utf-8?q?a?= " * 60_000,)),
    "headers": lambda event: b"A: b\r\n" * 150_000 + plain(event, BOB),
    "multiparts": lambda event: _nested(49, "multipart/mixed") + b"--b1\r\n" * 100_000,
    "messages": lambda event: _nested(5000, "message/rfc822"),
    "lines": lambda event: plain(event, BOB, properties={"X-A": "b\r\n" * 4000}),
    "attendees": lambda event: plain(event, BOB, properties={"ATTENDEE": ":mailto:x@example.org\r\nATTENDEE" * 4900}),
    "parameters": lambda event: plain(
        event, BOB, properties={"ATTENDEE": ';X="a"' * 100_000 + ":mailto:bob@example.com"}
    ),
    "one long line": lambda event: plain(event, BOB, properties={"COMMENT": "x" * 900_000}),
    "folds": lambda event: plain(event, BOB, properties={"COMMENT": "\r\n x" * 200_000}),
    "zones": lambda event: plain(event, BOB, properties={"X-A": "1\r\nBEGIN:VTIMEZONE" * 2000}),
    "recurrence": lambda event: plain(
        event, BOB, properties={"RRULE": "FREQ=SECONDLY", "RDATE": "20260101T000000Z," * 40_000}
    ),
}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("name", COSTLY)
def test_cost_of_a_mail_is_bounded(name: str, settings: Settings) -> None:
    settings.INBOUND_DOMAIN, settings.INBOUND_AUTHSERV_IDS = "in.example.org", [letters.SERVER]
    data = COSTLY[name](Circle().event)
    assert len(data) < 2**20
    assert took(data) < MOST_SECONDS
    assert InboundMail.objects.get().verdict != "failed"
