"""Sensors: samples by the millisecond, and actions of which only the newest waits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from integrations.objects.models import Level, Object, ObjectTag, Sensor, SensorAction, SensorSample
from integrations.objects.services import sensors
from integrations.objects.services.sensors import confirm_action, pending_actions, report_samples, request_action
from operations.jobs.prune_sensor_data import PruneSensorData
from rest.errors import NotFound, ValidationFailed
from tests import factories
from tests.integrations.objects.devices import listening, thing
from tests.integrations.objects.world import World
from tests.parallel import at_once

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AT = int(NOW.timestamp() * 1000)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def sensor(world: World) -> Object:
    """Bob reads it too."""
    one = thing(world.alice, "sensor")
    ObjectTag.objects.create(object=one, tag=world.tag(bob=Level.READ))
    return one


def test_samples_are_told_to_subscribers_who_can_read_it(world: World, sensor: Object) -> None:
    with listening() as heard:
        assert report_samples(sensor=sensor, samples={"1363623247000": [20.5, [0, 255]]}) == 1
    told = {"sensor": str(sensor.pk), "data": {"1363623247000": [20.5, [0, 255]]}}
    people = frozenset({world.alice.pk, world.bob.pk})
    assert heard == [{"name": "sensor_data", "object_id": sensor.pk, "data": told, "key": "", "user_ids": people}]
    device = Sensor.objects.get()
    assert (device.state, device.state_at) == ([20.5, [0, 255]], 1363623247000)


def test_sample_that_is_sent_again_is_not_told_again(sensor: Object) -> None:
    report_samples(sensor=sensor, samples={1000: [1], 2000: [2]})
    with listening() as heard:
        assert report_samples(sensor=sensor, samples={1000: [1], 2000: [2]}) == 0
        assert report_samples(sensor=sensor, samples={1000: [1], 2000: [3], 1500: [7]}) == 2
    assert [one["data"]["data"] for one in heard] == [{"1500": [7], "2000": [3]}]
    assert list(SensorSample.objects.order_by("at").values_list("at", "values")) == [
        (1000, [1]), (1500, [7]), (2000, [3]),
    ]  # fmt: skip
    assert Sensor.objects.get().state == [3]


def test_wrong_samples_are_named_and_nothing_is_kept(sensor: Object) -> None:
    deep: Any = [1]
    for _time in range(50):
        deep = [deep]
    wrong = {
        "-5": [1], "x": [1], "1" * 40: [1], "99999999999999": [1], "1000": [], "1001": "text", "1002": [{"a": 1}],
        "1003": ["a\x00b"], "1004": [10**400], "1005": deep, "1006": [[1] * 101], "1007": [float("inf")], "１２": [1],
    }  # fmt: skip
    with time_machine.travel(NOW, tick=False), pytest.raises(ValidationFailed) as failed:
        report_samples(sensor=sensor, samples=wrong | {"2000": [1]})
    assert {*failed.value.detail["data"]} == {key[:32] for key in wrong}
    with pytest.raises(ValidationFailed):
        report_samples(sensor=sensor, samples={str(number): [1] for number in range(501)})
    assert not SensorSample.objects.exists()


def test_sensor_keeps_its_latest_samples(sensor: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensors, "MOST_KEPT", 3)
    for number in range(6):
        report_samples(sensor=sensor, samples={number: [number]})
    report_samples(sensor=sensor, samples={9: [9], 8: [8], 7: [7], 6: [6]})
    assert list(SensorSample.objects.order_by("at").values_list("at", flat=True)) == [7, 8, 9]


def test_newer_action_replaces_the_one_that_waits(world: World, sensor: Object) -> None:
    with time_machine.travel(NOW, tick=False), listening() as heard:
        first = request_action(sensor=sensor, values=[1, None])
        second = request_action(sensor=sensor, values=[0, None])
        assert list(pending_actions(sensor=sensor)) == [second]
        for _time in range(2):
            assert confirm_action(sensor=sensor, action_id=second.pk).state == "ok"
            assert confirm_action(sensor=sensor, action_id=first.pk).state == "replaced"
    assert not pending_actions(sensor=sensor).exists()
    assert [one["data"] for one in heard] == [
        {"status": "replaced", "sensor": str(sensor.pk), "action": {str(AT): [1, None]}, "action-uuid": str(first.pk)},
        {
            "status": "ok",
            "sensor": str(sensor.pk),
            "action": {str(AT + 1): [0, None]},
            "action-uuid": str(second.pk),
        },
    ]
    assert {one["user_ids"] for one in heard} == {frozenset({world.alice.pk, world.bob.pk})}


def test_action_of_another_sensor_is_not_found(world: World, sensor: Object) -> None:
    other = thing(world.alice, "sensor")
    action = request_action(sensor=other, values=[1])
    with pytest.raises(NotFound):
        confirm_action(sensor=sensor, action_id=action.pk)
    for wrong in (None, 5, {}, [], ["\x00"]):
        with pytest.raises(ValidationFailed):
            request_action(sensor=sensor, values=wrong)  # type: ignore[arg-type]


def test_job_removes_what_is_old(sensor: Object, settings: Any) -> None:
    settings.SENSOR_DATA_DAYS = 7
    with time_machine.travel(NOW, tick=False) as clock:
        confirm_action(sensor=sensor, action_id=request_action(sensor=sensor, values=[1]).pk)
        waits = request_action(sensor=sensor, values=[2])
        report_samples(sensor=sensor, samples={AT: [1], AT + 1000: [2]})
        clock.shift(timedelta(days=7, milliseconds=500))
        assert PruneSensorData().run(is_dry_run=True).touched == 1
        assert PruneSensorData().run(is_dry_run=False).touched == 2
    assert SensorSample.objects.get().values == [2]
    assert SensorAction.objects.get() == waits


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
def test_of_actions_at_once_one_waits() -> None:
    sensor = thing(factories.user("alice"), "sensor")
    calls: list[Callable[[], Any]] = [partial(request_action, sensor=sensor, values=[number]) for number in range(8)]
    at_once(calls)
    assert sorted(SensorAction.objects.values_list("state", flat=True)) == ["pending", *["replaced"] * 7]
