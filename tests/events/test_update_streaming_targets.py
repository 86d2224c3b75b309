"""The live streams in PATCH /v1/events/{id} (contract 9.6)."""

import uuid

import pytest

from events.models import Event
from mailer.models import OutgoingMail
from tests import factories
from tests.circle import Circle
from tests.events.changes import change, refused
from tests.factories import STREAM
from tests.traces import Traces

pytestmark = pytest.mark.django_db


def test_echoed_target_keeps_id_and_key() -> None:
    circle = Circle(streaming_targets=[STREAM, STREAM | {"name": "Second"}])
    first, second = circle.api("creator").get(circle.path).json()["streaming_targets"]
    without_key = {name: value for name, value in second.items() if name != "streaming_key"}
    traces = Traces()
    seen = change(circle, {"streaming_targets": [without_key | {"name": "Renamed"}]}).json()["streaming_targets"]
    assert seen == [second | {"name": "Renamed"}]
    assert traces.last("event.updated").changes == {"streaming_targets": [["Video site", "Second"], ["Renamed"]]}
    assert "s3cr3t" not in str(list(OutgoingMail.objects.values_list("message", flat=True)))
    assert first["id"] not in str(seen)


def test_targets_come_back_in_the_order_given() -> None:
    circle = Circle(streaming_targets=[STREAM, STREAM | {"name": "Second"}])
    targets = circle.api("creator").get(circle.path).json()["streaming_targets"]
    seen = change(circle, {"streaming_targets": targets[::-1]}).json()
    assert seen["streaming_targets"] == targets[::-1]


@pytest.mark.slow
def test_empty_list_takes_the_targets_away() -> None:
    circle = Circle(streaming_targets=[STREAM])
    assert "streaming_targets" not in change(circle, {"streaming_targets": []}).json()


@pytest.mark.parametrize("lacking", ["name", "streaming_endpoint", "public_url", "streaming_key"])
def test_new_target_is_complete(lacking: str) -> None:
    circle = Circle()
    target = {name: value for name, value in STREAM.items() if name != lacking}
    answer = change(circle, {"streaming_targets": [target]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert [entry["field"] for entry in answer.json()["validation_errors"]] == [f"streaming_targets.0.{lacking}"]


@pytest.mark.slow
def test_target_of_another_room_is_not_taken() -> None:
    factories.event(factories.user("eve"), streaming_targets=[STREAM])
    theirs = Event.objects.get().room.streaming_targets.get()
    circle = Circle()
    echo = {name: value for name, value in STREAM.items() if name != "streaming_key"} | {"id": str(theirs.pk)}
    assert refused(change(circle, {"streaming_targets": [echo]})) == [
        ("streaming_targets.0.streaming_key", "value_required")
    ]
    seen = change(circle, {"streaming_targets": [echo | {"streaming_key": "mine"}]}).json()
    assert seen["streaming_targets"][0]["id"] != str(theirs.pk)
    theirs.refresh_from_db()
    assert theirs.streaming_key == "s3cr3t"


def test_same_target_twice_is_refused() -> None:
    circle = Circle()
    twice = [STREAM | {"id": str(uuid.uuid4())}] * 2
    assert refused(change(circle, {"streaming_targets": twice})) == [("streaming_targets", "invalid_value")]
