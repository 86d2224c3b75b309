"""Bodies that are no JSON, of another type, too long or too deep, and none at all (contract 1, 2.5)."""

import json
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.test import Client

from events.models import Event
from tests import factories
from tests.api import Api, token
from tests.circle import Circle
from tests.sweeps import sweep
from users.models import User

pytestmark = pytest.mark.django_db

SINGLE = {name: value for name, value in factories.WEEKLY.items() if name != "recurrence_pattern"}


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def send(
    user: User | None, path: str, raw: bytes, content_type: str = "application/json", method: str = "POST", **more: Any
) -> Any:
    """A body as it is, whatever it is."""
    headers = {"Authorization": f"Bearer {token(user)}"} if user else {}
    return Client(raise_request_exception=False).generic(
        method, path, raw, content_type, headers=headers | more.pop("headers", {}), **more
    )


def create(user: User, **changes: Any) -> Any:
    return Api(user).post("/v1/events", SINGLE | changes)


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"title": }',
        b"{'title': 'x'}",
        b'{"title": "x",}',
        b'{"title": NaN}',
        b'{"title": "\\ud800"}',
        b'{"title": "\xff"}',
        b'{"title": "\xed\xa0\x80"}',
        b"\xff\xfe{\x00}\x00",
        b"title=x",
        b'{"title": "x"} {"title": "y"}',
        b'{"title": "line\nbreak"}',
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"\0",
    ],
)
def test_malformed_json(alice: User, raw: bytes) -> None:
    answer = send(alice, "/v1/events", raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert not Event.objects.exists()


@pytest.mark.parametrize("raw", [b"", b" ", b"null", b"5", b'"x"', b"[]", b"[{}]", b"true"])
def test_json_that_is_no_object(alice: User, raw: bytes) -> None:
    answer = send(alice, "/v1/events", raw)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "nonsense",
    ],
)
def test_wrong_content_type(alice: User, content_type: str) -> None:
    answer = send(alice, "/v1/events", orjson.dumps(SINGLE), content_type)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_content_type")
    assert not Event.objects.exists()


def test_missing_content_type(alice: User) -> None:
    answer = send(alice, "/v1/events", orjson.dumps(SINGLE), "")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_content_type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;a=b"]
)
def test_content_type_may_have_parameters(alice: User, content_type: str) -> None:
    assert send(alice, "/v1/events", orjson.dumps(SINGLE), content_type).status_code == 201


def test_ten_megabytes_are_too_much(alice: User) -> None:
    for body in (SINGLE | {"unknown": "x" * 10_000_000}, SINGLE | {"title": "x" * 10_000_000}):
        answer = send(alice, "/v1/events", json.dumps(body).encode())
        assert (answer.status_code, answer.json()["code"]) == (400, "payload_overflow")
    assert not Event.objects.exists()


def test_two_megabytes_that_nobody_reads_are_not(alice: User) -> None:
    unknown = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 10_000)
    assert create(alice, unknown=unknown).status_code == 201


def test_moderately_deep_json_is_refused_by_its_field(alice: User) -> None:
    deep: Any = "x"
    for _level in range(500):
        deep = [deep]
    answer = create(alice, title=deep, recurrence_pattern=deep, starts_at=deep, streaming_targets=deep)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert create(alice, unknown=deep).status_code == 201


@sweep(
    ("method", "path", "status"),
    [
        ("PATCH", "", 204),
        ("PATCH", "/invite", 403),
        ("DELETE", "/invites/email", 400),
        ("POST", "/invites", 400),
        ("DELETE", "", 204),
    ],
    fast=5,
)
@sweep("content_type", ["", "application/json", "text/plain"], fast=1)
def test_no_body_is_no_wrong_content_type(method: str, path: str, status: int, content_type: str) -> None:
    circle = Circle()
    headers = {"Authorization": f"Bearer {token(circle.alice)}"}
    answer = Client().generic(
        method, circle.path + path, b"", content_type, headers=headers, CONTENT_LENGTH="0", CONTENT_TYPE=content_type
    )
    assert answer.status_code == status
