"""Every JSON sample of the seed controller-rest-api about events, their people, folders and files, and sign-in.

A request is accepted, an answer has the sample's members with their types. The seed shows nested objects and lists
empty: requests fill these. Where the contract corrects the seed, the reason stands here.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.nextcloud import NextcloudServer
from tests.rooms.assets import asset
from tests.test_permissions import signed

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent.parent / "seeds/rest/events"
MIDNIGHT = {"datetime": "2026-11-23T00:00:00+01:00", "timezone": "Europe/Berlin"}
TIMES = {"starts_at": MIDNIGHT, "ends_at": MIDNIGHT, "recurrence_pattern": ["RRULE:FREQ=WEEKLY"]}
STREAM = {
    "name": "Video site",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.example.org/app",
    "streaming_key": "s3cr3t",
    "public_url": "https://video.example.org/42",
}
EVENT_ADDED = {"can_edit": "9.1: in the code, missing in the seed", "show_meeting_details": "9.1: likewise"}
INSTANCE_ADDED = {"can_edit": "9.3: likewise", "shared_folder": "9.3: likewise"}
EVENT_GONE = {"status": "0.1: only instances and exceptions have one, since 2022"}
USER_ADDED = {"used_storage": "2.2: the client needs it", "time_zone": "15: ours since 0.30's zoneinfo"}
TARIFF_TYPES = {"modules": (dict, "0.1: an object by module name, which the client indexes")}
ERROR_ADDED = {"code": "0.1: the real error body is {code, message}", "request_id": "1: every answer has one"}


def sample(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def check(
    name: str,
    answer: Any,
    *,
    gone: dict[str, str] | None = None,
    added: dict[str, str] | None = None,
    types: dict[str, tuple[type, str]] | None = None,
) -> None:
    """The answer's members are the sample's but for `gone` and `added`, and have its types but for `types`."""
    assert answer.status_code < 300 or name == "error.response", answer.content
    seen, expected = answer.json(), sample(f"{name}")
    assert type(seen) is type(expected)
    if isinstance(expected, list):
        assert seen, "an empty list shows nothing"
        assert {type(row) for row in seen} == {type(row) for row in expected}
        return
    if not expected:
        return
    assert set(seen) == set(expected) - set(gone or {}) | set(added or {})
    corrected = {member: kind for member, (kind, _why) in (types or {}).items()}
    for member in set(expected) & set(seen):
        assert type(seen[member]) is corrected.get(member, type(expected[member])), member


@pytest.fixture
def circle(cloud: NextcloudServer) -> Circle:
    """A meeting that has all there is to show."""
    circle = Circle(streaming_targets=[STREAM], schedule=factories.schedule(pattern=("RRULE:FREQ=WEEKLY",)))
    circle.api("creator").request("PUT", f"{circle.path}/shared_folder")
    return circle


@pytest.fixture
def alice(circle: Circle) -> Api:
    return circle.api("creator")


@pytest.mark.slow
def test_create_an_event(alice: Api) -> None:
    answer = alice.post("/v1/events", sample("post_events.request") | TIMES | {"streaming_targets": [STREAM]})
    assert answer.status_code == 201
    check("post_events.response", answer, gone=EVENT_GONE, added=EVENT_ADDED)


@pytest.mark.slow
def test_sample_of_an_event_is_accepted_with_its_empty_list_of_streams(alice: Api) -> None:
    answer = alice.post("/v1/events", sample("post_events.request") | TIMES)
    assert answer.status_code == 201
    why = {"streaming_targets": "9.1: left out when empty, else the client's form cannot be saved"}
    check("post_events.response", answer, gone=EVENT_GONE | why, added=EVENT_ADDED)


def test_get_events(alice: Api, circle: Circle) -> None:
    check("get_events.response", alice.get("/v1/events"))
    check("get_event.response", alice.get(circle.path), gone=EVENT_GONE, added=EVENT_ADDED)


@pytest.mark.slow
def test_change_an_event(alice: Api, circle: Circle) -> None:
    body = sample("patch_event.request") | TIMES
    # 9.6: no event is time independent and has a time. The sample says both.
    refused = alice.patch(circle.path, body)
    assert {entry["field"] for entry in refused.json()["validation_errors"]} == {
        "is_all_day", "starts_at", "ends_at", "recurrence_pattern",
    }  # fmt: skip
    answer = alice.patch(circle.path, body | {"is_time_independent": False})
    check("patch_event.response", answer, gone=EVENT_GONE, added=EVENT_ADDED)


@pytest.mark.slow
def test_instances(alice: Api, circle: Circle) -> None:
    path = f"{circle.path}/instances"
    check("get_instances.response", alice.get(path, per_page="3"))
    check("get_instance.response", alice.get(f"{path}/20261130T100000+0100"), added=INSTANCE_ADDED)
    # The drawn objects are empty: midnights, for the sample is of whole days.
    body = sample("patch_instance.request") | {"starts_at": MIDNIGHT, "ends_at": MIDNIGHT}
    check("patch_instance.response", alice.patch(f"{path}/20261130T090000Z", body), added=INSTANCE_ADDED)


@pytest.mark.slow
def test_assets(alice: Api, circle: Circle) -> None:
    path = f"{circle.event.room_id}/assets"
    film = asset(circle.event.room)
    check("get_assets.response", alice.get(f"/v1/rooms/{path}"))
    # 7: a file is answered by its bytes, a deletion by nothing; the body drawn for both is that of an error.
    assert alice.delete(f"/v1/rooms/{path}/{film.pk}").status_code == 204
    for method in ("GET", "DELETE"):
        check("error.response", alice.request(method, f"/v1/rooms/{path}/{film.pk}"), added=ERROR_ADDED)


@pytest.mark.slow
def test_invitations(alice: Api, circle: Circle) -> None:
    carl = factories.user("carl")
    # 10.2: the "string" is a user's id.
    body = sample("post_event_invites.request") | {"invitee": str(carl.pk)}
    assert alice.post(f"{circle.path}/invites", body).status_code == 201
    check("get_event_invites.response", alice.get(f"{circle.path}/invites"))
    body = sample("patch_event_invite.request")
    assert alice.patch(f"{circle.path}/invites/{carl.pk}", body).status_code == 204
    circle.invite("user@example.com")
    body = sample("delete_email_invite.request")
    assert alice.delete(f"{circle.path}/invites/email", body).status_code == 204
    check("get_pending_invites.response", Api(carl).get("/v1/users/me/pending_invites"))


@pytest.mark.slow
def test_shared_folder(alice: Api, circle: Circle) -> None:
    check("get_shared_folder.response", alice.get(f"{circle.path}/shared_folder"))
    check("put_shared_folder.response", alice.request("PUT", f"{circle.path}/shared_folder"))


def test_users(alice: Api, circle: Circle) -> None:
    check("get_users.response", alice.get("/v1/users"))
    check("get_user.response", alice.get(f"/v1/users/{circle.bob.pk}"))
    check("find_users.response", alice.get("/v1/users/find", q="bob"))


@pytest.mark.slow
def test_own_profile(alice: Api) -> None:
    check("get_me.response", alice.get("/v1/users/me"), added=USER_ADDED)
    check("patch_me.response", alice.patch("/v1/users/me", sample("patch_me.request")), added=USER_ADDED)
    check("get_my_tariff.response", alice.get("/v1/users/me/tariff"), types=TARIFF_TYPES)


@pytest.mark.slow
def test_sign_in(circle: Circle) -> None:
    check("get_login.response", Api().get("/v1/auth/login"))
    # 1.1: a token that no issuer signed is refused with 401.
    assert Api().post("/v1/auth/login", sample("post_login.request")).status_code == 401
    names = {"email": "alice@example.com", "given_name": "Alice", "family_name": "Example"}
    body = sample("post_login.request") | {"id_token": signed(sub=circle.alice.oidc_sub, **names)}
    check("post_login.response", Api().post("/v1/auth/login", body))


@pytest.mark.slow
def test_error_has_the_members_that_the_seed_draws_as_a_success(alice: Api) -> None:
    """0.1: it is the body of the error answers of operations whose success has none."""
    answer = alice.delete("/v1/users/me/event_favorites/497f6eca-6276-4993-bfeb-53cbbbba6f08")
    assert answer.status_code == 403
    check("error.response", answer, added=ERROR_ADDED)


def test_every_sample_is_shown() -> None:
    source = Path(__file__).read_text()
    assert [path.stem for path in FOLDER.glob("*.json") if f'"{path.stem}"' not in source] == []
