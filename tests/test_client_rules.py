"""The rules that decide whether the real web frontend works: one test for each, named after the rule.

The tests here are short and check whole answers; the edge cases are in the tests of each use case.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from activity.actors import Actor
from invites.services import create_code, revoke_code
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.frontend import Frontend
from tests.rooms.assets import asset
from tests.sweeps import sweep
from tests.test_permissions import MISSING, TABLE, make_world, signed
from tests.users.test_access_tokens import changed
from users.services import update_account

pytestmark = pytest.mark.django_db
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
LIKE_A_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")
SINGLE = {name: value for name, value in factories.WEEKLY.items() if name != "recurrence_pattern"}
TIMELESS = {"title": "Whenever", "description": "", "is_time_independent": True}
UNREFRESHABLE = "Unable to parse access token or invite code"


def texts(answer: Any) -> Iterator[str]:
    """Every string in an answer, at any depth."""
    if isinstance(answer, str):
        yield answer
    for member in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        yield from texts(member)


@pytest.fixture
def circle() -> Circle:
    return Circle(schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))


@pytest.fixture
def alice(circle: Circle) -> Api:
    return circle.api("creator")


# --- What answers hold ---


@pytest.mark.slow
def test_timestamps_are_exact_strings_in_utc_without_fraction(circle: Circle, alice: Api) -> None:
    """Whatever offset and fraction a client wrote them with. The app compares them as texts."""
    start = {"datetime": "2026-11-30T11:30:00.123+01:00", "timezone": "Europe/Berlin"}
    end = {"datetime": "2026-11-30T14:00:00.5+02:00", "timezone": "Europe/Kiev"}
    answer = alice.patch(f"{circle.path}/instances/20261130T090000Z", {"starts_at": start, "ends_at": end}).json()
    assert answer["starts_at"] == {"datetime": "2026-11-30T10:30:00Z", "timezone": "Europe/Berlin"}
    assert answer["ends_at"] == {"datetime": "2026-11-30T12:00:00Z", "timezone": "Europe/Kiev"}
    alice.post(f"{circle.room_path}/invites", {"expiration": "2126-11-23T10:00:00.25+05:30"})
    asset(circle.event.room)
    below_event, below_room = ("", "/instances", "/invites"), ("", "/invites", "/assets")
    paths = [circle.path + path for path in below_event] + [circle.room_path + path for path in below_room]
    for path in ("/v1/events", "/v1/rooms", "/v1/users/me/assets", *paths):
        times = [text for text in texts(alice.get(path).json()) if LIKE_A_TIME.match(text)]
        assert all(TIMESTAMP.fullmatch(text) for text in times), (path, times)
        assert times or path.endswith("/invites"), path


def test_expiration_is_an_explicit_null(circle: Circle, alice: Api) -> None:
    """Where it is left out the app makes codes without end."""
    path = f"{circle.room_path}/invites"
    made = alice.post(path, {}).json()
    assert made["expiration"] is None
    assert [code["expiration"] for code in alice.get(path).json()] == [None]
    assert alice.put(f"{path}/{made['invite_code']}", {}).json()["expiration"] is None


def test_streaming_targets_are_absent_when_empty(alice: Api) -> None:
    """An empty list opens the stream's part of the form, and then nothing can be saved."""
    made = alice.post("/v1/events", SINGLE | {"streaming_targets": []}).json()
    changed = alice.patch(f"/v1/events/{made['id']}", {"streaming_targets": []}).json()
    for event in (made, changed, alice.get(f"/v1/events/{made['id']}").json(), *alice.get("/v1/events").json()):
        assert "streaming_targets" not in event


@pytest.mark.slow
def test_shared_folder_is_absent_when_there_is_none(circle: Circle, alice: Api) -> None:
    """Its mere key, even with null, makes the app delete a folder first."""
    made = alice.post("/v1/events", SINGLE | {"has_shared_folder": False}).json()
    changed = alice.patch(circle.path, {"has_shared_folder": False, "title": "x"}).json()
    for event in (made, changed, *alice.get("/v1/events").json(), *alice.get(f"{circle.path}/instances").json()):
        assert "shared_folder" not in event


def test_modules_and_quotas_are_objects(circle: Circle, alice: Api) -> None:
    for path in ("/v1/users/me/tariff", f"{circle.room_path}/tariff"):
        tariff = alice.get(path).json()
        assert isinstance(tariff["quotas"], dict)
        assert tariff["modules"]["core"]["features"]
        assert all(isinstance(module["features"], list) for module in tariff["modules"].values())


# --- What errors are ---


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/users/me", None, 401),
        ("GET", "/v1/events/497f6eca-6276-4993-bfeb-53cbbbba6f08", None, 403),
        ("GET", "/v1/users/497f6eca-6276-4993-bfeb-53cbbbba6f08", None, 404),
        ("PUT", "/v1/events", {}, 405),
        ("GET", "/v1/events?time_min=soon", None, 400),
        ("POST", "/v1/events", {}, 400),
        ("POST", "/v1/events", SINGLE | {"title": "x" * 256}, 422),
    ],
)
def test_cors_on_errors(method: str, path: str, body: Any, status: int) -> None:
    tab = Frontend()
    if status != 401:
        tab.tokens = {"access_token": Api(factories.user("alice")).authorization.removeprefix("Bearer ")}
    answer = tab.call(method, path, body)  # which asks beforehand, and fails where the app could not read the answer
    assert answer.status_code == status
    assert {"code", "message"} <= set(answer.json())


def test_link_is_exposed(alice: Api) -> None:
    alice.post("/v1/events", SINGLE)
    answer = alice.request("GET", "/v1/events", query={"per_page": "1"}, headers={"Origin": "https://meet.example.com"})
    assert 'rel="after"' in answer["Link"]
    assert "Link" in answer["Access-Control-Expose-Headers"].split(", ")


def test_401_only_where_a_fresh_token_would_help(circle: Circle) -> None:
    """A lasting 401 is a storm: the app fetches a token and asks again, without pause and end."""
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        expired = circle.api("invitee")
    for stale in (expired, Api(authorization=f"Bearer {changed(circle.bob)[:-4]}AAAA")):
        answer = stale.get("/v1/users/me")
        assert answer.status_code == 401
        assert answer.json()["message"] != UNREFRESHABLE
    for missing in (circle.api("anonymous"), circle.api("guest")):
        answer = missing.get("/v1/users/me")
        assert (answer.status_code, answer.json()["message"]) == (401, UNREFRESHABLE)
    assert Api(authorization=f"Bearer {changed(circle.bob, aud='another')}").get("/v1/users/me").status_code == 403
    update_account(user=circle.bob, actor=Actor.by_api(circle.alice), disabled_since=timezone.now())
    assert circle.api("invitee").get("/v1/users/me").status_code == 403


@pytest.mark.slow
def test_401_is_never_said_of_rights() -> None:
    """Whoever has a valid token may be refused everywhere, and is nowhere asked for another one."""
    known = [name for name in next(iter(TABLE.values())) if name not in {"anonymous", "guest"}]
    with_tokens = [
        operation for operation in TABLE if operation.path not in MISSING
    ]  # the others take keys of programs
    assert {TABLE[operation][name] for operation in with_tokens for name in known} & {401} == set()


def test_no_sign_in_is_asked_of_a_guest_with_a_code_that_is_over(circle: Circle) -> None:
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    revoke_code(code=code, user=circle.alice, actor=Actor.by_api(circle.alice))
    guest = Api(authorization=f"InviteCode {code.code}")
    assert guest.get(f"{circle.room_path}/event").status_code == 404
    assert Api().post("/v1/invite/verify", {"invite_code": str(code.code)}).status_code == 404
    assert Api().post(f"{circle.room_path}/start_invited", {"invite_code": str(code.code)}).status_code == 404


@pytest.mark.slow
def test_wrong_room_password_is_a_401_with_that_code() -> None:
    circle = Circle(password="open")
    code = circle.api("guest").authorization.removeprefix("InviteCode ")
    path, body = f"{circle.room_path}/start_invited", {"breakout_room": None, "invite_code": code}
    for password in ({"password": "shut"}, {"password": None}, {}):
        answer = Api().post(path, body | password)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_room_password")
    assert Api().post(path, body | {"password": "open"}).status_code == 200


# --- What requests may look like ---


@pytest.mark.slow
def test_patch_put_and_delete_without_body_and_content_type_are_accepted() -> None:
    """Where a body is needed its members are asked for, not its type."""
    world = make_world()
    of_people = [row for row in TABLE if not row.path.startswith("v1/services/")]
    for operation in [row for row in of_people if row.method in {"PATCH", "PUT", "DELETE"}]:
        caller = "moderator" if operation.path.endswith("/invite") else "creator"
        answer = world.call(caller, operation, body=None)
        if answer.status_code >= 300:
            assert answer.json()["code"] in {"invalid_json", "validation_failed", "bad_request", "not_found"}, operation


def test_delete_with_a_json_body_is_read(circle: Circle, alice: Api) -> None:
    for address in ("dora@example.org", "eve@example.org"):
        circle.invite(address)
    assert alice.delete(f"{circle.path}/invites/email", {"email": "dora@example.org"}).status_code == 204
    assert [invite.email for invite in circle.event.email_invites.all()] == ["eve@example.org"]


# --- Recurrence in a change (contract 9.6) ---


def pattern(circle: Circle, alice: Api, body: dict[str, Any]) -> list[str]:
    answer = alice.patch(circle.path, body)
    assert answer.status_code == 200, answer.content
    found: list[str] = answer.json().get("recurrence_pattern", [])
    return found


@pytest.mark.slow
def test_recurrence_pattern_that_is_present_is_set_or_cleared(circle: Circle, alice: Api) -> None:
    for given in (["RRULE:FREQ=DAILY;COUNT=5"], [], ["RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=+4MO"], None):
        assert pattern(circle, alice, {"recurrence_pattern": given}) == (given or [])


def test_recurrence_pattern_that_is_absent_from_a_whole_form_is_cleared(circle: Circle, alice: Api) -> None:
    """The form's "no repetition" leaves it out."""
    assert pattern(circle, alice, SINGLE) == []


@pytest.mark.parametrize("body", [{"title": "x"}, {"password": "x"}, {"waiting_room": True}, {"is_adhoc": True}])
def test_recurrence_pattern_that_is_absent_is_kept_where_no_schedule_is_given(
    circle: Circle, alice: Api, body: dict[str, Any]
) -> None:
    assert pattern(circle, alice, body) == ["RRULE:FREQ=WEEKLY"]


# --- The list of events (contract 9.9) ---


def make_events(alice: Api) -> None:
    """Out of order, with one of each kind."""
    day = datetime(2026, 12, 1, 9, tzinfo=UTC)
    for title, days in (("third", 2), ("second", 1), ("first", 0)):
        start, end = (day + timedelta(days=days, hours=hours) for hours in (0, 1))
        times = {
            name: {"datetime": time.isoformat(), "timezone": "UTC"}
            for name, time in (("starts_at", start), ("ends_at", end))
        }
        assert alice.post("/v1/events", SINGLE | times | {"title": title}).status_code == 201
    alice.post("/v1/events", TIMELESS)
    alice.post("/v1/events", TIMELESS | {"title": "Ad hoc", "is_adhoc": True})


def titles(api: Api, **query: str) -> list[str]:
    return [event["title"] for event in api.get("/v1/events", **query).json()]


@pytest.mark.slow
def test_order_of_the_events_list() -> None:
    """Those without time first, then by start."""
    alice = Api(factories.user("alice"))
    make_events(alice)
    assert titles(alice) == ["Whenever", "Ad hoc", "first", "second", "third"]


@pytest.mark.slow
@sweep(
    ("query", "expected"),
    [
        ({"adhoc": "false", "time_independent": "true"}, ["Whenever"]),
        ({"adhoc": "true"}, ["Ad hoc"]),
        ({"time_independent": "false"}, ["first", "second", "third"]),
        ({"time_min": "2026-12-02T09:30:00Z"}, ["second", "third"]),
        ({"time_max": "2026-12-02T09:30:00Z"}, ["first", "second"]),
        ({"time_min": "2026-12-02T10:00:00Z", "time_max": "2026-12-03T09:00:00Z"}, ["second", "third"]),
        ({"favorites": "true"}, ["second"]),
        ({"invite_status": "pending,declined"}, []),
        ({"per_page": "2", "adhoc": "false"}, ["Whenever", "first"]),
    ],
    fast=4,
)
def test_filters_of_the_events_list(query: dict[str, str], expected: list[str]) -> None:
    alice = Api(factories.user("alice"))
    make_events(alice)
    second = next(event for event in alice.get("/v1/events").json() if event["title"] == "second")
    alice.put(f"/v1/users/me/event_favorites/{second['id']}")
    assert titles(alice, **query) == expected


# --- What is repeated without pause ---


@pytest.mark.slow
def test_permanent_guest_code_is_idempotent(circle: Circle, alice: Api) -> None:
    path = f"{circle.room_path}/invites"
    codes = {alice.post(path, {}).json()["invite_code"] for _time in range(45)}
    assert [code["invite_code"] for code in alice.get(path).json()] == [*codes]


def test_sign_in_is_idempotent() -> None:
    """The app sends it after each refresh, without a header."""
    alice = factories.user("alice")
    body = {"id_token": signed(sub=alice.oidc_sub, email=alice.email, given_name="Alice", family_name="Example")}
    for _time in range(3):
        answer = Browser().post("/v1/auth/login", body, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"permissions": []})
