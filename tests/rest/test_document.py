"""The OpenAPI document is complete: each operation with a summary, its errors by code, and examples that are real.

That no answer has a code that is not described, tests/api.py checks with every answer of the suite.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api import api_document, operations, schema_validator
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


def test_summary_says_what_the_operation_is_for() -> None:
    for name, operation in OPERATIONS.items():
        assert re.fullmatch(r"[A-Z].{3,78}[^.]", operation["summary"]), name


def test_description_says_for_whom_or_what_follows() -> None:
    for name, operation in OPERATIONS.items():
        assert operation["description"].endswith("."), name
        assert "contract" not in operation["description"], name


def test_tags_are_those_of_the_operations() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert {tag["name"] for tag in api_document()["tags"]} == used
    assert all(tag["description"] for tag in api_document()["tags"])


def test_summaries_differ() -> None:
    summaries = [operation["summary"] for operation in OPERATIONS.values()]
    assert len(summaries) == len(set(summaries))


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_errors_are_named_by_code_each_with_an_example(operation: dict[str, Any]) -> None:
    errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    assert errors
    for status, answer in errors.items():
        content = answer["content"][JSON]
        assert content["schema"]["$ref"].rpartition("/")[2] in {"Error", "SmartInviteError", "WebexError"}
        codes = [*content["examples"]]
        assert codes == sorted(set(codes))
        for code, example in content["examples"].items():
            assert (example["value"]["code"], example["value"].get("status", status)) == (code, status)
            assert f"`{code}`: {example['value']['message']}" in answer["description"]
            schema_validator(content["schema"]).validate(example["value"])


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_request_and_answers_have_an_example_that_fits_their_schema(operation: dict[str, Any]) -> None:
    for name, content in contents(operation):
        if name < "400" or name == "request":
            schema_validator(content["schema"]).validate(content["example"])


def test_ids_in_paths_have_an_example() -> None:
    parameters = [one for operation in OPERATIONS.values() for one in operation.get("parameters", ())]
    assert [one["name"] for one in parameters if one["in"] == "path" and "example" not in one] == []


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
CALLERS = {
    **{row.path: "service" for row in TABLE if row.path.startswith("v1/services/")},
    "v1/events/{event}/invite": "invitee",
    "v1/smart_invites": "application",
    "webex/v1/events": "officer",
    "webex/v1/events/{event_key}": "officer",
}
# Members of which only one value is good in this world.
OWN = {
    "invite_code",
    "invitee",
    "email",
    "id_token",
    "logout_token",
    "pin",
    "id",
    "room_id",
    "owner_id",
    "action_id",
    "user_id",
    "user",
    "domain",
    "members",
}
PICTURES = {"/v1/users/{user_id}/avatar", "/v1/avatars/{key}"}


def documented(path: str) -> str:
    """The table of permissions has shorter names in its paths."""
    names = "event|room|user|asset|instance|proposal|streaming_target|webhook|object|box|sensor|call|fax|chat"
    return "/" + re.sub(rf"{{({names})}}", r"{\1_id}", path)


def test_every_operation_is_described_but_for_pictures() -> None:
    described, called = set(operations()), {(row.method, documented(row.path)) for row in TABLE}
    assert {path for _method, path in called - described} == PICTURES
    assert described - called == set()


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


# --- Bounds ---

# Their length is known, or that of a file.
FIXED = {"uuid", "date-time", "binary"}


def unbounded(node: Any, path: str = "") -> Iterator[str]:
    """Where a schema has an array, a string or a map of any size."""
    if isinstance(node, list):
        for index, one in enumerate(node):
            yield from unbounded(one, f"{path}/{index}")
    elif isinstance(node, dict):
        kinds = node.get("type", ())
        kinds = {kinds} if isinstance(kinds, str) else {*kinds} if isinstance(kinds, list) else set()
        is_word = "enum" in node or "const" in node or node.get("format") in FIXED
        lacks = (
            ("array" in kinds and "maxItems" not in node)
            or ("string" in kinds and not is_word and "maxLength" not in node)
            or ("object" in kinds and node.get("additionalProperties") and "maxProperties" not in node)
        )
        if lacks:
            yield path
        for key, one in node.items():
            if key not in {"example", "examples", "default", "enum", "securitySchemes"}:
                yield from unbounded(one, f"{path}/{key}")


def test_every_array_string_and_map_has_a_bound() -> None:
    document = api_document()
    assert list(unbounded({"paths": document["paths"], "components": document["components"]})) == []
    assert list(unbounded({"type": "object", "properties": {"a": {"type": "string"}}})) == ["/properties/a"]


def largest(schema: dict[str, Any], name: str = "") -> Any:
    """What fills the schema to its bounds, in characters that take most bytes."""
    for several in ("allOf", "oneOf"):
        if several in schema:
            return largest(schema[several][0], name)
    if "$ref" in schema:
        return largest(api_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], name)
    kind = "enum" if "enum" in schema else "".join(schema.get("type", ())).removesuffix("null")
    match kind:
        case "object":
            return {key: largest(one, key) for key, one in schema.get("properties", {}).items()}
        case "array":
            return [largest(schema["items"], name)] * schema["maxItems"]
        case "string" if "maxLength" in schema:
            start = WHOLE.get(name, "")
            return start + ("a" if start else "\x01") * (schema["maxLength"] - len(start))
    return schema["enum"][0] if kind == "enum" else {"boolean": True, "integer": schema.get("maximum", 1)}.get(kind)


LIST = next(row for row in TABLE if (row.method, row.path) == ("GET", "v1/events"))
# How a value begins that must be more than any text.
WHOLE = {"streaming_endpoint": "rtmp://live.example.org/", "public_url": "https://live.example.org/"}
# Members that contradict others, or that must be of this world.
SMALL: dict[str, Any] = {
    "id": None,
    "has_shared_folder": False,
    "is_time_independent": False,
    "starts_at": {"datetime": "2026-11-23T09:00:00Z", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-11-23T10:00:00Z", "timezone": "Europe/Berlin"},
    "from": {"datetime": "2026-11-23T09:00:00Z", "timezone": "Europe/Berlin"},
    "is_all_day": False,
    "language": "en",
    "time_zone": "Europe/Berlin",
    "recurrence_pattern": ["RRULE:FREQ=DAILY", "RDATE:" + ",".join(["20270101T090000Z"] * 59)],
}


def fitting(value: Any) -> Any:
    if isinstance(value, list):
        return [fitting(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: SMALL.get(key, fitting(one)) for key, one in value.items() if SMALL.get(key, 1) is not None}


def test_no_accepted_body_gets_an_answer_of_a_megabyte(known: World) -> None:
    sizes, accepted = {}, set()
    for operation in (row for row in TABLE if documented(row.path) not in PICTURES and row.method != "DELETE"):
        body = operations()[operation.method, documented(operation.path)].get("requestBody", {})
        if JSON not in body.get("content", {}):
            continue
        good = known.bodies.get(operation, {}) | {"invitee": str(known.names["user"])}
        worst = fitting(largest(body["content"][JSON]["schema"]))
        own = {name: good[name] for name in OWN & {*worst} & {*good}}
        answer = known.call(CALLERS.get(operation.path, "creator"), operation, body=worst | own)
        sizes[str(operation)] = len(answer.content)
        if answer.status_code < 300:
            accepted.add(f"{operation.method} {documented(operation.path)}")
    assert {name: size for name, size in sizes.items() if size >= 1_000_000} == {}
    assert {"POST /v1/events", "PATCH /v1/events/{event_id}", "POST /v1/rooms", "PATCH /v1/users/me"} <= accepted
    # What everybody invited gets with it, in each list.
    assert len(known.call("invitee", LIST).content) < 200_000


def test_texts_cite_nothing_that_readers_do_not_have() -> None:
    def texts(found: Any) -> Iterator[str]:
        if isinstance(found, dict):
            yield from (found[name] for name in ("summary", "description") if isinstance(found.get(name), str))
        for below in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
            yield from texts(below)

    cited = re.compile(r"\bcontract\b|\bseed\b|\.md\b|§|\bours\b|\bfrontend\b")
    assert [text for text in texts(api_document()) if cited.search(text)] == []
