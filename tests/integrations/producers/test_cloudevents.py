"""The examples of the CloudEvents 1.0 specification, and its three modes over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from integrations.producers.models import ExtraKind
from tests import factories
from tests.integrations.producers.world import PATH, pointers, results, service, thing

pytestmark = pytest.mark.django_db
# formats/json-format.md, 3.2: with a JSON object, with a text, with bytes.
OBJECT: dict[str, Any] = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext",
    "id": "C234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "comexampleextension1": "value",
    "comexampleothervalue": 5,
    "datacontenttype": "application/json",
    "data": {"appinfoA": "abc", "appinfoB": 123, "appinfoC": True},
}
TEXT: dict[str, Any] = OBJECT | {
    "source": "/mycontext",
    "id": "A234-1234-1234",
    "subject": None,
    "datacontenttype": "application/xml",
    "data": '<much wow="xml"/>',
}
BINARY: dict[str, Any] = {
    "specversion": "1.0",
    "type": "com.example.someevent",
    "source": "/mycontext",
    "id": "B234-1234-1234",
    "time": "2018-04-05T17:31:00Z",
    "datacontenttype": "application/vnd.apache.thrift.binary",
    "data_base64": "AAECAw==",
}


@pytest.fixture(autouse=True)
def frozen() -> Iterator[Any]:
    with time_machine.travel("2018-04-05T17:32:00Z", tick=False) as traveller:
        yield traveller


def send(body: Any, kind: str, **headers: str) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return service().request("POST", PATH, data=text, content_type=kind, headers=headers)


def ours() -> dict[str, str]:
    """What the examples lack here: a kind that is known, and an object."""
    ExtraKind.objects.create(type="x_example.someevent", schema={"type": "object"})
    service()
    return {"type": "x_example.someevent", "subject": str(thing(factories.user("alice")).pk)}


def test_examples_are_read_and_what_has_no_place_here_is_named() -> None:
    kind = "application/cloudevents+json"
    assert pointers(send(OBJECT, kind)) == ["/subject", "/type"]
    assert pointers(send(TEXT, kind)) == ["/data", "/datacontenttype", "/subject", "/type"]
    assert pointers(send(BINARY, kind)) == ["/data", "/data_base64", "/datacontenttype", "/subject", "/type"]


def test_structured_mode() -> None:
    known = ours()
    answer = send(OBJECT | known, "application/cloudevents+json; charset=UTF-8")
    assert results(answer) == [("accepted", [])]
    assert results(send(OBJECT | known, "application/json")) == [("duplicate", [])]


def test_batched_mode() -> None:
    known, kind = ours(), "application/cloudevents-batch+json; charset=UTF-8"
    found = results(send([OBJECT | known, OBJECT | known | {"id": "D234"}, BINARY | known], kind))
    assert [status for status, _wrong in found] == ["accepted", "accepted", "invalid"]
    assert results(send([], kind)) == []


def test_binary_mode() -> None:
    """protocol bindings, HTTP, 3.1: attributes in headers, where blanks and the like are percent-encoded."""
    known = ours()
    headers = {f"ce-{name}": OBJECT[name] for name in ("specversion", "time", "id")}
    headers |= {"ce-source": "/my%20context", "ce-type": known["type"], "ce-subject": known["subject"]}
    answer = send(OBJECT["data"], "application/json; charset=utf-8", **headers)
    assert results(answer) == [("accepted", [])]
    assert answer.json()[0]["source"] == "/my context"
    assert results(send(OBJECT | known | {"source": "/my context"}, "application/json")) == [("duplicate", [])]
    assert pointers(send([1], "application/json", **headers | {"ce-id": "E"})) == ["/data"]
    assert pointers(send({}, "application/json", **headers | {"ce-id": "%00"})) == ["/id"]
