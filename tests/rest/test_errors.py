"""What bad input gets: a clear 4xx with its reason, never a 5xx (contract 1, 2.5)."""

import uuid
from typing import Any

import orjson
import pytest
from django.test import Client
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from rest import errors
from rest.errors import MissingToken, ValidationFailed
from tests import factories
from tests.api import Api, token
from tests.circle import Circle
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


def entries(answer: Any) -> list[tuple[str | None, str]]:
    return [(entry.get("field"), entry["code"]) for entry in answer.json()["validation_errors"]]


# --- The shape ---


def test_body_of_an_error() -> None:
    answer = Client().get("/v1/events", headers={"X-Request-Id": "from-the-proxy"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/json"
    assert answer["WWW-Authenticate"].startswith("Bearer error=")
    assert answer["X-Request-Id"] == "from-the-proxy"
    assert answer.json() == {
        "code": "unauthorized",
        "message": MissingToken.default_detail,
        "status": "401",
        "documentation_url": "/v1/docs",
        "request_id": "from-the-proxy",
    }


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>", "ä"])
def test_request_id_of_our_own_where_the_given_is_harmful(given: str) -> None:
    answer = Client().get("/v1/events", headers={"X-Request-Id": given})
    assert uuid.UUID(answer["X-Request-Id"])
    assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_request_id_is_new_for_each_request(alice: User) -> None:
    ids = {Api(alice).get("/v1/events")["X-Request-Id"] for _request in range(3)}
    assert len(ids) == 3


def test_entries_stand_under_both_names(alice: User) -> None:
    answer = create(alice, title="x" * 256)
    body = answer.json()
    assert answer.status_code == 422
    assert body["errors"] == body["validation_errors"]
    assert (body["code"], body["message"]) == ("validation_failed", "Some provided values are invalid")
    assert set(body["errors"][0]) == {"field", "code", "message"}


def test_every_wrong_field_is_named_in_one_answer(alice: User) -> None:
    answer = create(
        alice,
        title="x" * 256,
        description=5,
        password="",
        waiting_room="yes",
        starts_at={"datetime": "soon", "timezone": "Mars/Olympus"},
        recurrence_pattern="RRULE:FREQ=DAILY",
        streaming_targets=[{}],
        show_meeting_details=None,
    )
    assert answer.status_code == 400
    assert {field for field, _code in entries(answer)} == {
        "title",
        "description",
        "password",
        "waiting_room",
        "starts_at.datetime",
        "starts_at.timezone",
        "recurrence_pattern",
        "streaming_targets.0.name",
        "streaming_targets.0.streaming_endpoint",
        "streaming_targets.0.public_url",
        "show_meeting_details",
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/events", 401), ("/v1/unknown", 404), ("/v1/events/not-a-uuid", 404), ("/v1/rooms/1", 404)],
)
def test_errors_carry_cors_headers(path: str, status: int) -> None:
    answer = Client().get(path, headers={"Origin": "https://meet.example.org"})
    assert answer.status_code == status
    assert answer["Access-Control-Allow-Origin"] == "*"
    exposed = answer["Access-Control-Expose-Headers"]
    assert {"Link", "WWW-Authenticate", "X-Request-Id"} <= {name.strip() for name in exposed.split(",")}
    assert answer.json()["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize("status", [403, 422])
def test_refusals_carry_cors_headers(alice: User, status: int) -> None:
    path = f"/v1/events/{uuid.uuid4()}" if status == 403 else "/v1/events"
    body = b"{}" if status == 403 else orjson.dumps(SINGLE | {"title": "x" * 256})
    method = "PATCH" if status == 403 else "POST"
    answer = send(alice, path, body, method=method, headers={"Origin": "https://meet.example.org"})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (status, "*")


def test_preflight_needs_no_token() -> None:
    headers = {
        "Origin": "https://meet.example.org",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = Client().options(f"/v1/events/{uuid.uuid4()}/invite", headers=headers)
    assert answer.status_code == 200
    assert {"authorization", "content-type"} <= set(answer["Access-Control-Allow-Headers"].split(", "))
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(answer["Access-Control-Allow-Methods"].split(", "))
    assert int(answer["Access-Control-Max-Age"]) > 0


def test_our_own_fault_has_a_body_a_request_id_and_cors_headers(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.views.events.event_resource", None)
    factories.event(alice)
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Bearer {token(alice)}", "Origin": "https://meet.example.org"}
    answer = client.get("/v1/events", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Traceback" not in answer.content.decode()


# --- Values ---


@pytest.mark.parametrize(("field", "most"), [("title", 255), ("description", 4096), ("password", 255)])
def test_length_is_counted_in_characters(alice: User, field: str, most: int) -> None:
    for character in ("x", "ß", "🎉"):
        assert create(alice, **{field: character * most}).status_code == 201
        answer = create(alice, **{field: character * (most + 1)})
        assert (answer.status_code, entries(answer)) == (422, [(field, "invalid_length")])


@pytest.mark.parametrize(
    "text",
    [
        "🎉👨‍👩‍👧‍👦🏳️‍🌈",
        "פגישת צוות",
        "اجتماع \u202eالفريق\u202c",
        "  kept as it is \t\n",
        "Zoë — “quoted” <b>&amp;</b>",
        "{{ settings.SECRET_KEY }} {% now %} %(title)s {0}",
        "\u0001\u007f\u0085\ufeff\uffff",
        "𝕿𝖎𝖙𝖑𝖊",
        "e\u0301",
    ],
)
def test_all_that_unicode_has_is_stored_as_it_is(alice: User, text: str) -> None:
    answer = create(alice, title=text, description=text, password=text)
    assert answer.status_code == 201
    assert (answer.json()["title"], answer.json()["description"], answer.json()["room"]["password"]) == (text,) * 3
    assert Api(alice).get(f"/v1/events/{answer.json()['id']}").json()["title"] == text


def test_nul_is_an_invalid_value(alice: User) -> None:
    answer = create(alice, title="a\0b", description="\0", password="\0")
    assert answer.status_code == 422
    assert entries(answer) == [
        ("title", "invalid_value"),
        ("description", "invalid_value"),
        ("password", "invalid_value"),
    ]


def test_lone_surrogates_never_arrive(alice: User) -> None:
    answer = send(alice, "/v1/events", orjson.dumps(SINGLE).replace(b"Team meeting", b"\\udcff"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "europe/berlin", "+01:00", "CET ", "../../etc/passwd", "localtime", "\0", 5, None, []]
)
def test_unknown_zone(alice: User, zone: Any) -> None:
    answer = create(alice, starts_at={"datetime": "2026-11-23T09:00:00Z", "timezone": zone})
    assert answer.status_code in {400, 422}
    assert [field for field, _code in entries(answer)] == ["starts_at.timezone"]
    if isinstance(zone, str) and zone != "\0":
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-11-23",
        "2026-11-23T10:00:00",
        "2026-11-23 10:00:00Z",
        "2026-13-23T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-11-23T25:00:00Z",
        "2026-11-23T10:00:00+25:00",
        "1700000000",
        "٢٠٢٦-11-23T10:00:00Z",
        "99999-11-23T10:00:00Z",
        1700000000,
        None,
        {},
        True,
    ],
)
def test_what_is_no_time_with_offset(alice: User, text: Any) -> None:
    answer = create(alice, starts_at={"datetime": text, "timezone": "Europe/Berlin"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [field for field, _code in entries(answer)] == ["starts_at.datetime"]


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_time_beyond_the_calendar_is_out_of_range(alice: User, text: str) -> None:
    answer = create(alice, starts_at={"datetime": text, "timezone": "Europe/Berlin"})
    assert (answer.status_code, entries(answer)) == (422, [("starts_at.datetime", "out_of_range")])


def test_end_before_start(alice: User) -> None:
    answer = create(alice, ends_at={"datetime": "2026-11-23T08:59:59Z", "timezone": "UTC"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert answer.json()["message"] == "ends_at must not be before starts_at"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": 5}, "title"),
        ({"title": None}, "title"),
        ({"title": True}, "title"),
        ({"is_time_independent": "false"}, "is_time_independent"),
        ({"is_time_independent": 0}, "is_time_independent"),
        ({"is_adhoc": []}, "is_adhoc"),
        ({"starts_at": "2026-11-23T09:00:00Z"}, "starts_at"),
        ({"recurrence_pattern": [5]}, "recurrence_pattern.0"),
        ({"recurrence_pattern": {"0": "x"}}, "recurrence_pattern"),
        ({"streaming_targets": {}}, "streaming_targets"),
        ({"streaming_targets": [5]}, "streaming_targets.0"),
    ],
)
def test_types_are_not_guessed(alice: User, changes: dict[str, Any], field: str) -> None:
    answer = create(alice, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [name for name, _code in entries(answer)] == [field]


@pytest.mark.parametrize("member", ["recurrence_pattern", "streaming_targets"])
@pytest.mark.parametrize("value", [{}, 5, "x"])
def test_long_lists_are_refused_before_their_members_are_read(
    alice: User, monkeypatch: pytest.MonkeyPatch, member: str, value: Any
) -> None:
    for kind in (serializers.ListSerializer, serializers.ListField):
        monkeypatch.setattr(kind, "run_child_validation", pytest.fail)
    answer = create(alice, **{member: [value] * 100_000})
    assert (answer.status_code, entries(answer)) == (422, [(member, "invalid_length")])


def test_answer_names_a_hundred_places_at_most() -> None:
    wrong = ValidationFailed({f"field{number}": [ErrorDetail("wrong", "invalid")] for number in range(1000)})
    answered = errors.answer(wrong, {})
    assert answered is not None
    assert [entry["field"] for entry in answered.data["errors"]] == [f"field{number}" for number in range(100)]


@pytest.mark.parametrize("changes", [{"streaming_targets": [factories.STREAM | {"kind": "x" * 1_000_000}]}])
def test_answer_repeats_no_long_value(alice: User, changes: dict[str, Any]) -> None:
    answer = create(alice, **changes)
    assert answer.status_code == 400
    assert len(answer.content) < 2500
    answer = Api(alice).get("/v1/events", invite_status="x" * 10_000)
    assert answer.status_code == 400
    assert len(answer.content) < 1000


@pytest.mark.parametrize(
    ("changes", "entry"),
    [
        ({"recurrence_pattern": ["RRULE:FREQ=DAILY"] * 5}, ("recurrence_pattern", "invalid_length")),
        ({"recurrence_pattern": ["RRULE:" + "x" * 1024]}, ("recurrence_pattern.0", "invalid_length")),
    ],
)
def test_pattern_is_limited(alice: User, changes: dict[str, Any], entry: tuple[str, str]) -> None:
    answer = create(alice, **changes)
    assert (answer.status_code, entries(answer)) == (422, [entry])


@pytest.mark.parametrize("field", ["streaming_endpoint", "public_url"])
@pytest.mark.parametrize("url", ["nonsense", "javascript:alert(1)", "http://", "//host", "https://a b", 5])
def test_addresses_of_streams_are_urls(alice: User, field: str, url: Any) -> None:
    stream = {
        "name": "x",
        "streaming_endpoint": "rtmp://x.example.org/a",
        "streaming_key": "x",
        "public_url": "https://x.example.org",
    }
    answer = create(alice, streaming_targets=[stream | {field: url}])
    assert (answer.status_code, entries(answer)) == (400, [(f"streaming_targets.0.{field}", "invalid_url")])


# --- Places ---


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("kind", ["events", "rooms"])
def test_unknown_and_foreign_things_get_one_answer(method: str, kind: str) -> None:
    circle = Circle()
    stranger = circle.api("stranger")
    foreign = circle.path if kind == "events" else circle.room_path
    first, second = (stranger.request(method, path) for path in (foreign, f"/v1/{kind}/{uuid.uuid4()}"))
    assert first.status_code == second.status_code
    assert first.status_code in {403, 405}
    assert {**first.json(), "request_id": 0} == {**second.json(), "request_id": 0}


@pytest.mark.parametrize("path", ["/v1/events/1", "/v1/events/x/invites", "/v1/events/", "/v1/nothing", "/v2/events"])
def test_unknown_path_is_not_found_and_not_redirected(alice: User, path: str) -> None:
    answer = send(alice, path, b"", method="GET")
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (404, "not_found", "404")


def test_wrong_method(alice: User) -> None:
    answer = Api(alice).request("PUT", "/v1/events", {})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, POST, HEAD, OPTIONS"


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "de"}


@pytest.mark.parametrize("path", ["/nothing", "/room/1", "/admin/nothing/"])
def test_browser_gets_a_page_where_there_is_none(path: str) -> None:
    client = Client()
    client.force_login(factories.staff())
    answer = client.get(path, headers=BROWSER)
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Seite nicht gefunden" in answer.content.decode()


@pytest.mark.parametrize("path", ["/v1/nothing", "/oidc/nothing", "/.well-known/nothing", "/signaling/nothing"])
def test_paths_for_programs_answer_json_in_a_browser_too(path: str) -> None:
    answer = Client().get(path, headers=BROWSER)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
def test_programs_get_json_where_there_is_nothing(accept: str) -> None:
    answer = Client().get("/nothing", headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
