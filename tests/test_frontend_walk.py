"""A walk through everything that the web frontend requests, in the same order.

`reads` are the members without which the app crashes or shows nonsense, in all rows of a list,
which must have some; none may be missing or null. `holds` are members with the value that decides what the app does.
`lacks` are members whose mere presence misleads it. `keeps` gives answers a name for later steps, written `{name}`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine

from rooms.models import Room
from tests import factories
from tests.events.nextcloud import NextcloudServer
from tests.frontend import ORIGIN, Frontend
from tests.rooms.assets import asset
from users.provider.clients import ensure_clients

pytestmark = pytest.mark.django_db
NOW = "2026-11-21T08:00:00Z"  # a Saturday


@dataclass(frozen=True)
class Step:
    action: str
    request: str
    body: Any = None
    status: int = 200
    who: str = "alice"  # or bob, or a guest
    authorization: str | None = None
    accept: str = "*/*"
    reads: str = ""
    holds: dict[str, Any] = field(default_factory=dict)
    lacks: str = ""
    keeps: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.action}: {self.request}"


USER = "id display_name email firstname lastname language tariff_status used_storage avatar_url"
TARIFF = "id name quotas modules"
EVENT = (
    "id title type created_at created_by.id created_by.display_name created_by.firstname created_by.lastname room.id"
    " is_time_independent invite_status is_favorite"
)
TIMED = f"{EVENT} starts_at.datetime starts_at.timezone ends_at.datetime ends_at.timezone"
CODE = "invite_code active"
INVITEE = "profile.email profile.avatar_url status"
ASSET = "id filename created_at size kind"
JSON = "application/json"
EMPTY = {"": []}
FORM = {
    "title": "Planning",
    "description": "",
    "waiting_room": False,
    "show_meeting_details": False,
    "is_time_independent": False,
    "is_adhoc": False,
    "has_shared_folder": False,
    "e2e_encryption": False,
    "streaming_targets": [],
    "starts_at": {"datetime": "2026-11-23T10:00:00+01:00", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-11-23T11:00:00+01:00", "timezone": "Europe/Berlin"},
    "is_all_day": False,
}
SERIES = FORM | {"title": "Weekly", "recurrence_pattern": ["RRULE:FREQ=WEEKLY;INTERVAL=2"]}
CUSTOM = FORM | {"title": "Third Saturdays", "recurrence_pattern": ["RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=+3SA"]}
TIMELESS = {name: value for name, value in FORM.items() if name not in {"starts_at", "ends_at", "is_all_day"}} | {
    "title": "Whenever",
    "is_time_independent": True,
}
STREAM = {
    "kind": "custom",
    "name": "Video site",
    "streaming_endpoint": "rtmp://live.example.org/app",
    "streaming_key": "s3cr3t",
    "public_url": "https://video.example.org/42",
}
LOCAL_MIDNIGHT = "2026-11-21T00:00:00%2B01:00"
OVERLAP = "GET events?time_min=2026-11-23T09:00:00.000Z&time_max=2026-11-23T10:00:00.000Z"
LIST = "GET events?favorites=false&per_page=100&adhoc=false&time_independent"

LOOK_AROUND = [
    Step("dashboard home", "GET users/me", reads=USER, keeps={"alice": "id"}),
    Step("dashboard home", "GET users/me/tariff", reads=TARIFF, holds={"quotas": {}}),
    Step("dashboard home", "GET events?favorites=true", holds=EMPTY),
    Step("dashboard home", f"GET events?time_min={LOCAL_MIDNIGHT}&per_page=4&adhoc=false", holds=EMPTY),
    Step("dashboard home", "GET events?per_page=4&adhoc=false&time_independent=true", holds=EMPTY),
    Step("meeting list", f"{LIST}=true", holds=EMPTY),
    Step("create form open", "GET users/me/tariff", reads="modules.core.features"),
    Step("create form open", "GET users/me", reads=USER),
]
CREATE = [
    Step("overlap check", OVERLAP, holds=EMPTY),
    Step("create single", "POST events", FORM, 201, reads=TIMED, keeps={"event": "id", "room": "room.id"}),
    Step("create recurring", "POST events", SERIES, 201, reads=f"{TIMED} recurrence_pattern", keeps={"series": "id"}),
    Step("create recurring", "POST events", CUSTOM, 201, reads=TIMED, holds={"type": "recurring"}),
    Step("create timeless", "POST events", TIMELESS, 201, reads=EVENT, lacks="starts_at ends_at is_all_day"),
    Step("with livestream", "POST events", FORM | {"title": "Live", "streaming_targets": [STREAM]}, 201,
         reads="streaming_targets.id streaming_targets.public_url", keeps={"live": "id"}),
    Step("overlap check", OVERLAP, reads=TIMED),
    Step("meeting list", f"{LIST}=true", reads=EVENT, lacks="streaming_targets shared_folder"),
    Step("list future", f"{LIST}=false&time_min={LOCAL_MIDNIGHT}", reads=TIMED, lacks="shared_folder"),
    Step("list past", f"{LIST}=false&time_max={LOCAL_MIDNIGHT}", holds=EMPTY),
]  # fmt: skip
INVITE = [
    Step("after create", "GET events/{event}?invitees_max=10", reads=TIMED, holds={"created_by.id": "{alice}"}),
    Step("after create", "GET rooms/{room}/invites", holds=EMPTY),
    Step("after create", "GET events/{event}/invites", holds=EMPTY),
    # No permanent code yet, so the creator's page asks for one, and again for the list.
    Step("after create", "POST rooms/{room}/invites", {}, reads=CODE, holds={"expiration": None}),
    Step("after create", "GET rooms/{room}/invites", reads=CODE, holds={"active": True, "expiration": None},
         keeps={"code": "invite_code"}),
    Step("search participant", "GET users/find?q=Bob", reads="email display_name id avatar_url", keeps={"bob": "id"}),
    Step("search participant", "GET users/find?q=Bob+Example+bob%40example.com"),
    Step("invite registered", "POST events/{event}/invites", {"invitee": "{bob}", "role": "user"}, 201),
    Step("invite by mail", "POST events/{event}/invites", {"email": "eve@example.org"}, 201),
    Step("after inviting", "GET events/{event}/invites", reads=INVITEE, holds={"status": "pending"}),
    Step("after inviting", "GET events/{event}?invitees_max=10", reads="invitees.profile.email"),
    Step("change role", "PATCH events/{event}/invites/{bob}", {"role": "moderator"}, 204),
    Step("revoke by mail", "DELETE events/{event}/invites/email", {"email": "eve@example.org"}, 204),
    Step("after revoking", "GET events/{event}/invites", reads=f"{INVITEE} profile.display_name profile.role",
         holds={"profile.role": "moderator"}),
]  # fmt: skip
EDIT = [
    Step("edit", "GET events/{event}?invitees_max=10", reads=TIMED, lacks="streaming_targets shared_folder"),
    Step("edit", OVERLAP, reads=TIMED),
    Step("shared folder switch", "PUT events/{event}/shared_folder", status=201, reads="read.url read.password"),
    Step("edit", "PATCH events/{event}", FORM | {"title": "Plans", "password": None, "has_shared_folder": True},
         reads=TIMED, holds={"title": "Plans"}, lacks="streaming_targets"),
    Step("edit", "GET events/{event}?invitees_max=10", reads="shared_folder.read.url"),
    Step("shared folder switch",
         "DELETE events/{event}/shared_folder?force_delete_reference_if_shared_folder_deletion_fails=false",
         status=204),
    Step("edit", "PATCH events/{event}", FORM | {"title": "Plans", "password": "open"}, lacks="shared_folder",
         holds={"room.password": "open"}),
    Step("no repetition any more", "PATCH events/{live}", FORM | {"title": "Quiet"}, lacks="streaming_targets",
         holds={"type": "single"}),
]  # fmt: skip
ANSWER = [
    Step("meeting list", f"{LIST}=false", who="bob", reads=TIMED, holds={"invite_status": "pending"}),
    Step("decline", "DELETE events/{event}/invite", status=204, who="bob"),
    Step("accept", "PATCH events/{event}/invite", status=204, who="bob"),
    Step("favourite on", "PUT users/me/event_favorites/{event}", status=201, who="bob"),
    Step("favourite on", "GET users/me", who="bob", reads=USER),
    Step("favourites only", "GET events?favorites=true", who="bob", reads=TIMED,
         holds={"id": "{event}", "invite_status": "accepted", "is_favorite": True}),
    Step("favourite off", "DELETE users/me/event_favorites/{event}", status=204, who="bob"),
    Step("home of 2025", "GET events?invite_status=accepted,pending,tentative", who="bob", reads=TIMED),
    Step("home of 2026", f"GET events/instances?time_min={LOCAL_MIDNIGHT}&per_page=4", who="bob", reads=TIMED),
]  # fmt: skip
DETAIL = [
    Step("detail page", "GET events/{event}?invitees_max=20", who="bob", reads=f"{TIMED} invitees.profile.email"),
    Step("detail page", "GET users/me", who="bob", reads=USER),
    Step("detail page", "GET rooms/{room}/invites", who="bob", reads=CODE, holds={"expiration": None}),
    Step("detail page", "GET users/me/tariff", who="bob", reads=TARIFF),
    Step("detail page", "GET events/{event}/invites", who="bob", reads=INVITEE, holds={"status": "accepted"}),
    Step("detail page", "GET rooms/{room}/assets", who="bob", reads=ASSET),
    Step("detail page", "GET rooms/{room}/tariff", who="bob", reads=TARIFF),
    Step("detail page", "GET events/{event}?invitees_max=0", who="bob", reads=TIMED, holds={"invitees": []}),
    Step("copy guest link", "GET rooms/{room}/invites", who="bob", reads=CODE),
]
SETTINGS = [
    Step("settings general", "PATCH users/me", {"language": "de-DE"}, reads=USER, holds={"language": "de-DE"}),
    Step("settings profile", "PATCH users/me", {"display_name": "Alice A."}, holds={"display_name": "Alice A."}),
    Step("settings storage", "GET users/me", holds={"used_storage": 10}),
    Step("settings storage", "GET users/me/tariff", reads=TARIFF),
    Step("settings storage", "GET users/me/assets", keeps={"asset": "owned_assets.id"},
         reads=" ".join(f"owned_assets.{name}" for name in f"{ASSET} room_id event_id".split())),
    Step("download", "GET rooms/{room}/assets/{asset}", accept=JSON),
    Step("delete a file", "DELETE rooms/{room}/assets/{asset}", status=204),
]  # fmt: skip
JOIN = [
    Step("lobby as user", "GET users/me", who="bob", reads=USER),
    Step("lobby as user", "GET rooms/{room}/event", who="bob", reads="title"),
    Step("join as user", "POST rooms/{room}/start", {"breakout_room": None}, who="bob", accept=JSON,
         reads="ticket resumption"),
    Step("in the room", "GET rooms/{room}", who="bob", reads="id created_by.id waiting_room"),
    Step("in the room", "GET events/{event}", who="bob", reads=TIMED),
    Step("media", "GET turn", who="bob", accept=JSON, reads="uris"),
    Step("lobby as guest", "POST invite/verify", {"invite_code": "{code}"}, who="guest", accept=JSON,
         holds={"room_id": "{room}", "password_required": True}),
    Step("lobby as guest", "GET rooms/{room}/event", who="guest", authorization="InviteCode {code}", reads="title"),
    Step("join as guest", "POST rooms/{room}/start_invited", who="guest", accept=JSON, status=401,
         body={"breakout_room": None, "invite_code": "{code}", "password": "shut"},
         holds={"code": "wrong_room_password"}),
    Step("join as guest", "POST rooms/{room}/start_invited", who="guest", accept=JSON, reads="ticket resumption",
         body={"breakout_room": None, "invite_code": "{code}", "password": "open"}),
    Step("media as guest", "GET turn", who="guest", authorization="Bearer {code}", accept=JSON, reads="uris"),
    Step("old link, broken", "POST invite/verify", {"invite_code": "nonsense"}, 400, who="guest", accept=JSON,
         holds={"code": "invalid_json"}),
]  # fmt: skip
TIDY_UP = [
    Step("delete one occurrence", "PATCH events/{series}/instances/20261207T090000Z", {"status": "cancelled"}),
    Step("revoke", "DELETE events/{event}/invites/{bob}", status=204),
    Step("detail after revoking", "GET events/{event}?invitees_max=20", status=403, who="bob", reads="message"),
    Step("delete single", "DELETE events/{event}", status=204),
    Step("delete series", "DELETE events/{series}", status=204),
    Step("ad-hoc", "POST events", {"title": "Ad-hoc Meeting 09:00", "description": "", "is_time_independent": True,
         "waiting_room": False, "is_adhoc": True}, 201, reads=EVENT, keeps={"adhoc": "id"}),
    Step("ad-hoc cancelled", "DELETE events/{adhoc}", status=204),
    Step("ad-hoc", "POST events", {"title": "Ad-hoc Meeting 09:05", "description": "", "is_time_independent": True,
         "waiting_room": False, "is_adhoc": True}, 201, reads=EVENT, keeps={"room": "room.id"}),
    Step("end meeting", "DELETE rooms/{room}", status=204),
]  # fmt: skip


def found(answer: Any, path: str) -> list[Any]:
    """All values at a dotted path, through every row of lists; a member that is missing is an error."""
    values = [answer]
    for name in filter(None, path.split(".")):
        rows = [row for value in values for row in (value if isinstance(value, list) else [value])]
        assert rows, f"nothing to read {path} from"
        values = [row[name] for row in rows]
    return values


class Walk:
    def __init__(self) -> None:
        self.tabs = {"alice": Frontend(), "bob": Frontend(), "guest": Frontend()}
        self.names: dict[str, str] = {}

    def take(self, steps: list[Step]) -> None:
        for step in steps:
            self.take_one(step)

    def take_one(self, step: Step) -> None:
        method, _blank, path = step.request.partition(" ")
        authorization = self.filled(step.authorization)
        answer = self.tabs[step.who].call(
            method, f"/v1/{self.filled(path)}", self.filled(step.body), authorization=authorization, accept=step.accept
        )
        assert answer.status_code == step.status, f"{step}: {answer.content}"
        if answer.streaming:
            assert b"".join(answer.streaming_content) == b"0123456789"
        elif answer.content:
            self.read(step, answer.json())
        else:
            assert [step.reads, step.holds, step.keeps] == ["", {}, {}], f"{step} answers nothing"

    def read(self, step: Step, answer: Any) -> None:
        for path in step.reads.split():
            assert None not in found(answer, path), f"{step}: {path} is null"
        for path, value in step.holds.items():
            values = found(answer, path)
            assert values == [self.filled(value)] * len(values), f"{step}: {path} is {values}"
        for row in answer if isinstance(answer, list) else [answer]:
            assert not set(step.lacks.split()) & set(row), str(step)
        self.names |= {name: found(answer, path)[0] for name, path in step.keeps.items()}

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(member) for name, member in value.items()}
        return value.format(**self.names) if isinstance(value, str) else value


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def walk(settings: Any, clock: Any) -> Iterator[Walk]:
    settings.FRONTEND_URL = ORIGIN
    settings.STUN_URIS = ["stun:stun.example.org"]
    ensure_clients()
    for name in ("alice", "bob"):
        factories.user(name, registered=False)
    with NextcloudServer() as cloud:
        for name, value in cloud.settings().items():
            setattr(settings, name, value)
        yield Walk()


def test_every_request_of_the_frontend_in_its_order(walk: Walk) -> None:
    walk.tabs["alice"].sign_in("alice")
    walk.tabs["bob"].sign_in("bob")
    walk.take(LOOK_AROUND + CREATE + INVITE + EDIT + ANSWER)
    asset(Room.objects.get(pk=walk.names["room"]))  # no client uploads: a recorder does
    walk.take(DETAIL + SETTINGS + JOIN + TIDY_UP)
    assert walk.tabs["alice"].sign_out().url == f"{ORIGIN}/dashboard"


@pytest.mark.slow
def test_cancelled_occurrence_is_found_by_the_text_of_its_start(walk: Walk) -> None:
    """The app compares the occurrences that it computed with those it received, by the text of their start."""
    walk.tabs["alice"].sign_in("alice")
    walk.take(
        [
            Step("create recurring", "POST events", SERIES, 201, keeps={"series": "id"}),
            Step("delete one occurrence", "PATCH events/{series}/instances/20261207T090000Z", {"status": "cancelled"}),
        ]
    )
    series, exception = walk.tabs["alice"].call("GET", "/v1/events").json()
    expanded = series["starts_at"] | {"datetime": "2026-12-07T09:00:00Z"}
    assert (exception["type"], exception["status"]) == ("exception", "cancelled")
    assert exception["recurring_event_id"] == series["id"]
    assert exception["original_starts_at"] == expanded


@pytest.mark.slow
def test_token_that_ran_out_is_refreshed_and_the_request_repeated(walk: Walk, clock: Any) -> None:
    tab = walk.tabs["alice"]
    tab.sign_in("alice")
    clock.shift(600)  # twice as long as it is good for
    refused = tab.call("GET", "/v1/users/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert refused.json()["message"] != "Unable to parse access token or invite code"  # else it would not refresh
    tab.refresh()
    assert tab.call("GET", "/v1/users/me").status_code == 200
