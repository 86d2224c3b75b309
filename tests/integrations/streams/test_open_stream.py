"""GET /v1/stream as a plain WSGI server answers it, and what is refused; test_real_site.py follows it."""

import uuid
from typing import Any

import pytest
from django.http import HttpResponse

from activity import reader
from activity.models import Audience
from integrations.streams import views
from tests import factories
from tests.api import Api
from tests.integrations.streams.test_list_activity import _as_if_settled, listed, write  # noqa: F401 - a fixture
from users.models import User

pytestmark = pytest.mark.django_db
PATH = "/v1/stream"


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def opened(user: User, last: str | None = None) -> HttpResponse:
    return Api(user).request("GET", PATH, headers={"Last-Event-ID": last} if last is not None else {})


def lines(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return answer.getvalue().decode().split("\n\n")


def test_stream_without_an_id_begins_now(alice: User) -> None:
    write(alice)
    answer = opened(alice)
    assert {name: answer[name] for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering")} == {
        "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
    }  # fmt: skip
    told = lines(answer)
    assert (told[0], told[1][:4]) == ("retry: 2000", "id: ")


def test_stream_resumes_after_the_id_with_the_items_of_the_list(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "is_of_this_log", lambda _cursor: True)  # the test's transaction is still to come
    for _number in range(3):
        write(alice)
    newest, second, first = listed(alice)
    told = lines(opened(alice, first["id"]))
    assert told[1] == f"id: {first['id']}"
    assert [part.split("\n")[:2] for part in told[2:4]] == [
        ["event: activity", f"id: {second['id']}"],
        ["event: activity", f"id: {newest['id']}"],
    ]
    assert told[4:] == [""]


def test_id_of_no_stream_is_refused(alice: User) -> None:
    for text in ("x", "1", "1-2-3", "-", "1-fffffffffffffffff", "f" * 16 + "-1", "1-%00", "1-2 ", "é"):
        answer = opened(alice, text)
        assert answer.status_code == 400, text
        assert "Last-Event-ID" in answer.json()["message"]


def test_id_of_another_log_is_refused(alice: User) -> None:
    write(alice)
    row = Audience.objects.get()
    answer = opened(alice, f"{row.transaction_id + 10**9:x}-{row.activity_id + 10**9:x}")
    assert answer.status_code == 400
    assert "read everything anew" in answer.json()["message"]


def test_too_many_streams_of_one_person_are_refused(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.feed, "clients", {alice.pk: set(range(10)), uuid.uuid4(): {1}})
    answer = opened(alice)
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (429, "too_many_streams", "20")
    assert opened(factories.user("bob")).status_code == 200
