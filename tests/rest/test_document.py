"""The OpenAPI document is complete: each operation with a summary, its errors by code, and examples that are real.

That no answer has a code that is not described, tests/api.py checks with every answer of the suite.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import operations, schema_validator
from tests.test_permissions import TABLE, World, make_world

pytestmark = pytest.mark.django_db
OPERATIONS = {" ".join(key): operation for key, operation in operations().items()}
JSON = "application/json"


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is JSON in an operation: its request and its answers, the errors included."""
    bodies = {"request": operation.get("requestBody", {})} | operation["responses"]
    for name, body in bodies.items():
        if JSON in body.get("content", {}):
            yield name, body["content"][JSON]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_summary_says_what_the_operation_is_for(operation: dict[str, Any]) -> None:
    summary = operation["summary"]
    assert 3 < len(summary) < 80
    assert summary[0].isupper()
    assert not summary.endswith(".")


def test_summaries_differ() -> None:
    summaries = [operation["summary"] for operation in OPERATIONS.values()]
    assert len(summaries) == len(set(summaries))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_errors_are_named_by_code_each_with_an_example(operation: dict[str, Any]) -> None:
    errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    assert errors
    for status, answer in errors.items():
        content = answer["content"][JSON]
        codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
        assert codes == [*content["examples"]] == sorted(set(codes))
        for code, example in content["examples"].items():
            assert (example["value"]["code"], example["value"]["status"]) == (code, status)
            assert f"`{code}`: {example['value']['message']}" in answer["description"]
            schema_validator(content["schema"]).validate(example["value"])


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_request_and_answers_have_an_example_that_fits_their_schema(operation: dict[str, Any]) -> None:
    for name, content in contents(operation):
        if name < "400" or name == "request":
            schema_validator(content["schema"]).validate(content["example"])


def test_parameters_are_described() -> None:
    bare = [
        f"{name}: {parameter['name']}"
        for name, operation in OPERATIONS.items()
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "path" and not (parameter.get("description") or "enum" in parameter["schema"])
    ]
    assert bare == []


@pytest.fixture
def known(settings: Any) -> World:
    """Where the examples' ids are those of a meeting that exists."""
    settings.CALL_IN_TEL, settings.STUN_URIS = "+493012345678", ["stun:stun.example.org"]
    return make_world()


# Whose right it is, where it is not the creator's.
CALLERS = {"v1/services/call_in/start": "service", "v1/events/{event}/invite": "invitee"}
# Members of which only one value is good in this world.
OWN = {"invite_code", "invitee", "email", "id_token", "logout_token", "pin", "id"}
PICTURES = {"/v1/users/{user_id}/avatar", "/v1/avatars/{key}"}


def documented(path: str) -> str:
    """The table of permissions has shorter names in its paths."""
    return "/" + re.sub("{(event|room|user|asset|instance|streaming_target)}", r"{\1_id}", path)


def test_every_operation_is_described_but_for_pictures_and_the_socket() -> None:
    described, called = set(operations()), {(row.method, documented(row.path)) for row in TABLE}
    assert {path for _method, path in called - described} == PICTURES
    assert described - called == {("GET", "/signaling")}


def test_examples_of_requests_are_accepted(known: World) -> None:
    refused = {}
    for operation in (row for row in TABLE if documented(row.path) not in PICTURES):
        body = operations()[operation.method, documented(operation.path)].get("requestBody", {})
        if JSON not in body.get("content", {}):
            continue
        example = body["content"][JSON]["example"]
        good = known.bodies.get(operation, {}) | {"invitee": str(known.names["user"])}
        own = {name: good[name] for name in OWN & {*example} & {*good}}
        answer = known.call(CALLERS.get(operation.path, "creator"), operation, body=example | own)
        if answer.status_code >= 300:
            refused[str(operation)] = answer.content
    assert refused == {}
