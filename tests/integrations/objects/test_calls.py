"""Calls: posted whole by a gateway, told by what changed, removed when they are over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from integrations.objects.models import Call, Level, Object, ObjectTag
from integrations.objects.services.calls import report_call, report_dtmf
from integrations.objects.services.objects import delete_object
from operations.jobs.prune_calls import PruneCalls
from rest.errors import NotFound, ValidationFailed
from tests.integrations.objects.devices import listening, thing
from tests.integrations.objects.world import World

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RINGING: dict[str, Any] = {
    "status": "ringing",
    "direction": "incoming",
    "phone_from": "+4989123248278",
    "phone_to": "+492216698000",
    "start_time": 1362587184,
}


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def call(world: World) -> Object:
    """Bob reads it too."""
    one = thing(world.alice, "call")
    ObjectTag.objects.create(object=one, tag=world.tag(bob=Level.READ))
    return one


def changes(heard: list[dict[str, Any]]) -> list[Any]:
    return [change for one in heard for change in one["data"]["call"].values()]


def test_first_report_is_told_whole_to_all_who_may_see_it(world: World, call: Object) -> None:
    with listening() as heard:
        report_call(call=call, state=RINGING)
    people = frozenset({world.alice.pk, world.bob.pk})
    data = {"call": {str(call.pk): RINGING}}
    assert heard == [{"name": "call_update", "object_id": None, "data": data, "key": "", "user_ids": people}]


def test_only_what_changed_is_told(call: Object) -> None:
    report_call(call=call, state=RINGING)
    answered = RINGING | {"status": "answered", "answer_time": 1362587197, "current_control": "ivr", "bridge": "b-1"}
    with listening() as heard:
        report_call(call=call, state=answered)
        report_call(call=call, state=answered)
        report_call(call=call, state=RINGING | {"status": "answered", "current_control": "", "phone_to": None})
    assert changes(heard) == [
        {"status": "answered", "answer_time": 1362587197, "current_control": "ivr", "bridge": "b-1"},
        {"answer_time": None, "current_control": "", "bridge": "", "phone_to": None},
    ]
    assert Call.objects.get().state == {
        name: value for name, value in (RINGING | {"status": "answered"}).items() if name != "phone_to"
    }


def test_wrong_members_are_named_and_nothing_is_kept(call: Object) -> None:
    wrong = {
        "status": "sleeping", "direction": 5, "phone_from": "1" * 256, "phone_to": "\x00", "start_time": "now",
        "answer_time": 2**63, "end_time": True, "dtmf": "yes", "colour": "red", "x" * 900: {},
    }  # fmt: skip
    with listening() as heard, pytest.raises(ValidationFailed) as failed:
        report_call(call=call, state=wrong)
    assert {*failed.value.detail} == {name[:64] for name in wrong}
    with pytest.raises(ValidationFailed) as failed:
        report_call(call=call, state={})
    assert {*failed.value.detail} == {"status"}
    for unhashable in ([], {}, [[]]):
        with pytest.raises(ValidationFailed):
            report_call(call=call, state={"status": unhashable})
    assert heard == []
    assert not Call.objects.exists()


def test_digits_are_told(world: World, call: Object) -> None:
    with listening() as heard:
        report_dtmf(call=call, digit="2", duration=143)
    assert [one["data"] for one in heard] == [{"call": str(call.pk), "digit": "2", "duration": 143}]
    assert heard[0]["user_ids"] == frozenset({world.alice.pk, world.bob.pk})
    for digit, duration in (("22", 1), ("", 1), ("x", 1), ("2", -1), ("2", 2**70)):
        with pytest.raises(ValidationFailed):
            report_dtmf(call=call, digit=digit, duration=duration)


def test_call_in_the_trash_is_over(world: World, call: Object) -> None:
    delete_object(one=call, actor=world.by_alice)
    with pytest.raises(NotFound):
        report_call(call=call, state=RINGING)
    with pytest.raises(NotFound):
        report_dtmf(call=call, digit="2", duration=143)


def test_job_removes_what_is_over_or_forgotten(world: World, call: Object) -> None:
    forgotten, lives = thing(world.alice, "call"), thing(world.alice, "call")
    job = PruneCalls()
    with time_machine.travel(NOW, tick=False) as clock:
        report_call(call=forgotten, state=RINGING)
        report_call(call=call, state=RINGING)
        clock.shift(timedelta(minutes=30))
        report_call(call=call, state=RINGING | {"status": "ended", "end_time": 1362587284})
        clock.shift(timedelta(minutes=59))
        assert job.run(is_dry_run=False).touched == 0
        clock.shift(timedelta(minutes=1))
        assert [job.run(is_dry_run=True).touched, job.run(is_dry_run=False).touched] == [1, 1]
        clock.shift(timedelta(hours=22, minutes=29))
        report_call(call=lives, state=RINGING)
        assert job.run(is_dry_run=False).touched == 0
        clock.shift(timedelta(minutes=1))
        assert job.run(is_dry_run=False).touched == 1
    assert list(Object.objects.filter(type="call")) == [lives]
    gone = {"alice": (True, False), "bob": (True, False)}
    assert [people for _data, people in world.told("object.purged")] == [gone, {"alice": (True, False)}]
