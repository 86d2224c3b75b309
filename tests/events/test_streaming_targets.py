"""/v1/rooms/{id}/streaming_targets (contract 8)."""

import uuid
from functools import partial
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from events.models import Event
from events.services import streaming
from mailer.models import OutgoingMail
from rest.errors import NotFound
from rooms.models import Room, StreamingTarget
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.factories import STREAM
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

READERS = [
    ("anonymous", 401),
    ("stranger", 403),
    ("other tenant", 403),
    ("guest", GUEST),
    ("invitee", 200),
    ("creator", 200),
]
WRITERS = [(who, 403 if who == "invitee" else status) for who, status in READERS]
UPDATE = [
    ("alice@example.com", "registered_event_update", 1),
    ("bob@example.com", "registered_event_update", 1),
    ("dora@example.org", "external_event_update", 1),
]


class World(Circle):
    def __init__(self, **fields: Any) -> None:
        super().__init__(streaming_targets=[STREAM], **fields)
        self.target = StreamingTarget.objects.get()
        self.targets_path = f"{self.room_path}/streaming_targets"
        self.target_path = f"{self.targets_path}/{self.target.pk}"

    def stored(self) -> list[str]:
        return list(StreamingTarget.objects.values_list("name", flat=True))


# ---- Who may ----


@sweep(("who", "status"), READERS, fast=2)
@pytest.mark.parametrize("path", ["targets_path", "target_path"])
def test_people_of_the_meeting_may_read(who: str, status: int, path: str) -> None:
    world = World()
    assert world.api(who).get(getattr(world, path)).status_code == status


@sweep(("who", "status"), WRITERS, fast=6)
@sweep(
    ("method", "path", "body"),
    [("POST", "targets_path", STREAM), ("PATCH", "target_path", {"name": "Other"}), ("DELETE", "target_path", None)],
    fast=1,
)
def test_only_the_creator_may_change(who: str, status: int, method: str, path: str, body: Any) -> None:
    world = World()
    api, traces = world.api(who), Traces()
    answer = api.request(method, getattr(world, path), body)
    assert answer.status_code == (204 if (status, method) == (200, "DELETE") else status)
    assert traces.is_empty() is (status != 200)
    assert (world.stored() == ["Video site"]) is (status != 200)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("where", ["nowhere", "another room of hers"])
def test_target_that_the_room_has_not_is_not_found(method: str, where: str) -> None:
    world = World()
    other = factories.event(world.alice, streaming_targets=[STREAM]).room.streaming_targets.get()
    target = uuid.uuid4() if where == "nowhere" else other.pk
    answer = world.api("creator").request(method, f"{world.targets_path}/{target}", {"name": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    other.refresh_from_db()
    assert other.name == "Video site"


# ---- Reading ----


def test_whole_answer_has_the_key_for_the_creator_alone() -> None:
    world = World()
    whole = STREAM | {"id": str(world.target.pk)}
    without_key = {name: value for name, value in whole.items() if name != "streaming_key"}
    for who, expected in (("creator", whole), ("invitee", without_key)):
        assert world.api(who).get(world.target_path).json() == expected
        assert world.api(who).get(world.targets_path).json() == [expected]


@pytest.mark.slow
def test_list_is_in_the_order_of_the_event_and_whole_whatever_page_is_asked_for() -> None:
    world = World()
    for number in range(9):
        world.api("creator").post(
            world.targets_path, STREAM | {"name": str(number)}, suppress_email_notification="true"
        )
    answer = world.api("creator").get(world.targets_path, per_page=2, page=7)
    assert [row["name"] for row in answer.json()] == ["Video site", *map(str, range(9))]
    assert answer.json() == world.api("creator").get(world.path).json()["streaming_targets"]


def test_order_is_by_position_and_not_by_age() -> None:
    world = World()
    StreamingTarget.objects.update(position=2)
    for name, position in (("second", 1), ("first", 0)):
        StreamingTarget.objects.create(room=world.event.room, position=position, **STREAM | {"name": name})
    for targets in (
        world.api("invitee").get(world.path).json()["streaming_targets"],
        world.api("invitee").get(world.targets_path).json(),
    ):
        assert [target["name"] for target in targets] == ["first", "second", "Video site"]


def test_room_without_any_has_an_empty_list() -> None:
    circle = Circle()
    assert circle.api("invitee").get(f"{circle.room_path}/streaming_targets").json() == []


# ---- Changing ----


def test_new_target_stands_last_and_is_news_for_everybody() -> None:
    world = World()
    world.invite("dora@example.org")
    traces = Traces()
    answer = world.api("creator").post(world.targets_path, STREAM | {"name": "Second", "id": str(uuid.uuid4())})
    assert answer.status_code == 200
    assert answer.json() == STREAM | {"name": "Second", "id": str(StreamingTarget.objects.get(name="Second").pk)}
    assert [row["name"] for row in world.api("creator").get(world.targets_path).json()] == ["Video site", "Second"]
    assert traces.mails() == UPDATE
    assert traces.activities() == [("event.updated", ["alice", "bob"])]
    assert traces.last("event.updated").changes == {"streaming_targets": [["Video site"], ["Video site", "Second"]]}
    event = Event.objects.get()
    assert (event.sequence, event.updated_by) == (1, world.alice)


def test_mail_names_the_stream_and_never_its_key() -> None:
    world = World()
    world.api("creator").post(world.targets_path, STREAM | {"name": "Second", "streaming_key": "k3y"})
    messages = [str(message) for message in OutgoingMail.objects.values_list("message", flat=True)]
    assert messages
    for text in messages:
        assert "Second" in text
        assert "s3cr3t" not in text
        assert "k3y" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        {"name": "Other"},
        {"kind": "custom", "name": "Other"},
        {"streaming_key": "other"},
        {"kind": "custom", "streaming_endpoint": "rtmps://other.example.org/app", "streaming_key": "other"},
        {"streaming_endpoint": "https://other.example.org", "public_url": "https://other.example.org/1"},
    ],
)
def test_change_with_or_without_kind(body: dict[str, str]) -> None:
    world = World()
    world.invite("dora@example.org")
    traces = Traces()
    answer = world.api("creator").patch(world.target_path, body)
    assert (answer.status_code, answer.json()) == (200, STREAM | {"id": str(world.target.pk)} | body)
    assert world.api("creator").get(world.target_path).json() == answer.json()
    assert traces.mails() == UPDATE
    assert traces.activities() == [("event.updated", ["alice", "bob"])]


@pytest.mark.parametrize("body", [STREAM, {"kind": "custom"}, {"name": "Video site", "id": str(uuid.UUID(int=1))}])
def test_what_is_already_so_mails_nobody(body: dict[str, str]) -> None:
    world = World()
    traces = Traces()
    answer = world.api("creator").patch(world.target_path, body)
    assert (answer.status_code, answer.json()) == (200, STREAM | {"id": str(world.target.pk)})
    assert traces.is_empty()
    assert Event.objects.get().sequence == 0


@pytest.mark.slow
def test_deleted_target_is_news_for_everybody() -> None:
    world = World()
    world.invite("dora@example.org")
    traces = Traces()
    answer = world.api("creator").delete(world.target_path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert world.api("creator").get(world.target_path).status_code == 404
    assert "streaming_targets" not in world.api("creator").get(world.path).json()
    assert traces.mails() == UPDATE
    assert traces.last("event.updated").changes == {"streaming_targets": [["Video site"], []]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "targets_path", STREAM), ("PATCH", "target_path", {"name": "Other"}), ("DELETE", "target_path", None)],
)
def test_suppressed_change_mails_nobody(method: str, path: str, body: Any) -> None:
    world = World()
    traces = Traces()
    flag = {"suppress_email_notification": "true"}
    assert world.api("creator").request(method, getattr(world, path), body, query=flag).status_code < 300
    assert traces.mails() == []
    assert traces.activities() == [("event.updated", ["alice", "bob"])]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "targets_path", STREAM), ("PATCH", "target_path", {"name": "Other"}), ("DELETE", "target_path", None)],
)
def test_flag_that_is_none_is_a_bad_request(method: str, path: str, body: Any) -> None:
    world = World()
    flag = {"suppress_email_notification": "1"}
    answer = world.api("creator").request(method, getattr(world, path), body, query=flag)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert world.stored() == ["Video site"]


def test_room_without_a_meeting_has_streams_too() -> None:
    alice = factories.user("alice")
    path = f"/v1/rooms/{Api(alice).post('/v1/rooms', {}).json()['id']}/streaming_targets"
    traces = Traces()
    target = Api(alice).post(path, STREAM).json()["id"]
    Api(alice).patch(f"{path}/{target}", {"name": "Other"})
    Api(alice).delete(f"{path}/{target}")
    assert traces.activities() == [("room.updated", ["alice"])] * 3
    assert [activity.changes["streaming_targets"] for activity in traces.log()] == [
        [[], ["Video site"]],
        [["Video site"], ["Other"]],
        [["Other"], []],
    ]
    assert traces.mails() == []


def test_key_is_never_logged() -> None:
    world = World()
    traces = Traces()
    world.api("creator").patch(world.target_path, {"streaming_key": "k3y"})
    logged = str([activity.__dict__ for activity in traces.log()])
    assert "s3cr3t" not in logged
    assert "k3y" not in logged


@time_machine.travel("2027-06-01T00:00:00Z", tick=False)
def test_people_are_told_though_the_meeting_is_over() -> None:
    """As of every other change of it; there may be a recording to watch."""
    world = World()
    traces = Traces()
    world.api("creator").delete(world.target_path)
    assert len(traces.mails()) == 2


def test_every_part_of_a_split_series_that_is_not_over_is_told() -> None:
    world = World()
    parts = [world.event]
    for year in (2020, 2098, 2099):
        when = factories.schedule().starts_at.replace(year=year)
        parts.append(factories.event(world.alice, schedule=factories.schedule(starts_at=when, ends_at=when)))
    for part, following in zip(parts[1:], [*parts[2:], world.event], strict=True):
        Event.objects.filter(pk=part.pk).update(continued_by=following)
    Event.objects.exclude(pk=world.event.pk).update(room=world.event.room)
    world.api("creator").delete(world.target_path)
    assert [event.sequence for event in (Event.objects.get(pk=part.pk) for part in parts)] == [1, 0, 1, 1]


# ---- What is refused ----


@pytest.mark.parametrize("lacking", list(STREAM))
def test_new_target_is_complete(lacking: str) -> None:
    world = World()
    body = {name: value for name, value in STREAM.items() if name != lacking}
    answer = world.api("creator").post(world.targets_path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    entries = [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]]
    assert entries == [(lacking, "value_required")]


@sweep(
    ("bad", "status", "codes"),
    [
        ({"name": ""}, 422, ["invalid_length"]),
        ({"name": "x" * 256}, 422, ["invalid_length"]),
        ({"name": 5}, 400, ["invalid_value"]),
        ({"name": None}, 400, ["value_required"]),
        ({"kind": "youtube"}, 400, ["invalid_value"]),
        ({"streaming_endpoint": "live.example.org"}, 400, ["invalid_url"]),
        ({"streaming_endpoint": "rtmp://x/" + "x" * 2000}, 422, ["invalid_length"]),
        ({"public_url": "javascript:alert(1)"}, 400, ["invalid_url"]),
        ({"streaming_key": ""}, 422, ["invalid_length"]),
        ({"public_url": "x", "streaming_endpoint": "x"}, 400, ["invalid_url", "invalid_url"]),
    ],
    fast=7,
)
@sweep("method", ["POST", "PATCH"], fast=1)
def test_bad_values_are_all_named(method: str, bad: dict[str, Any], status: int, codes: list[str]) -> None:
    world = World()
    path, body = (world.targets_path, STREAM | bad) if method == "POST" else (world.target_path, bad)
    answer = world.api("creator").request(method, path, body)
    assert answer.status_code == status
    entries = answer.json()["validation_errors"]
    assert {entry["field"] for entry in entries} == set(bad)
    assert [entry["code"] for entry in entries] == codes
    assert world.stored() == ["Video site"]


@pytest.mark.parametrize("body", [None, {}, {"unknown": 1}, {"target_data": {"name": "Other"}}])
def test_change_of_nothing_is_a_bad_request(body: Any) -> None:
    world = World()
    answer = world.api("creator").patch(world.target_path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("gone", "change"),
    [
        ("room_path", partial(streaming.update_streaming_target, name="Other")),
        ("room_path", streaming.delete_streaming_target),
        ("target_path", partial(streaming.update_streaming_target, name="Other")),
        ("target_path", streaming.delete_streaming_target),
    ],
)
def test_change_that_comes_after_the_deletion_is_a_404(gone: str, change: Any) -> None:
    """Both requests found the target; the second gets its turn when the row is gone."""
    world = World()
    target = StreamingTarget.objects.select_related("room").get()
    world.api("creator").delete(getattr(world, gone))
    traces = Traces()
    with pytest.raises(NotFound):
        change(target=target, actor=Actor.by_api(world.alice))
    assert traces.is_empty()


def test_target_for_a_room_that_was_deleted_meanwhile_is_a_404() -> None:
    world = World()
    room = Room.objects.get()
    world.api("creator").delete(world.room_path)
    with pytest.raises(NotFound):
        streaming.add_streaming_target(room=room, actor=Actor.by_api(world.alice), **STREAM)


@pytest.mark.slow
def test_a_room_has_at_most_ten_live_streams() -> None:
    world = World()
    api = world.api("creator")
    for _more in range(9):
        assert api.post(world.targets_path, STREAM).status_code == 200
    answer = api.post(world.targets_path, STREAM)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_streaming_targets")
    stored = api.get(world.targets_path).json()
    assert len(stored) == 10
    assert api.patch(world.path, {"streaming_targets": stored}).status_code == 200
    answer = api.patch(world.path, {"streaming_targets": [*stored, STREAM]})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


def test_change_is_compared_with_the_target_as_it_is() -> None:
    """Not as it was when the request was read."""
    circle = Circle(streaming_targets=[STREAM])
    stale = StreamingTarget.objects.get()
    StreamingTarget.objects.update(name="Other", public_url="https://video.example.org/43")
    answer = streaming.update_streaming_target(target=stale, actor=Actor.by_api(circle.alice), name=STREAM["name"])
    assert (answer.name, answer.public_url) == (STREAM["name"], "https://video.example.org/43")
    assert StreamingTarget.objects.get().name == STREAM["name"]
