"""A sid of cospace that stands in a query is in no line of the log."""

import logging
from typing import Any

import pytest

from opentalk_site.logs import SidFilter


@pytest.mark.parametrize(
    ("message", "args", "said"),
    [
        ('"GET /api/event?sid=s3cret&id=1 HTTP/1.1" 200', (), '"GET /api/event?sid=…&id=1 HTTP/1.1" 200'),
        ("%s %d", ("/api/user?id=1&sid=s3cret", 7), "/api/user?id=1&sid=… 7"),
        ("no sid= here: %s", ("100%",), "no sid= here: 100%"),
    ],
)
def test_sid_is_not_said(message: str, args: Any, said: str) -> None:
    record = logging.makeLogRecord({"msg": message, "args": args})
    assert SidFilter().filter(record)
    assert record.getMessage() == said
