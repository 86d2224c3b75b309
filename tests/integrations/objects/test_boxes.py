"""Boxes: online with the first heartbeat, offline when one is missed."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.models import Box, Level, Object, ObjectTag
from integrations.objects.services.boxes import missed, report_heartbeat, take_offline
from integrations.objects.services.objects import delete_object
from operations.jobs.notice_missed_heartbeats import NoticeMissedHeartbeats
from rest.errors import NotFound
from tests import factories
from tests.integrations.objects.devices import BEAT, GATEWAY, thing
from tests.integrations.objects.world import World
from tests.parallel import at_once

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SAME = (True, True)


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def box(world: World) -> Object:
    """Bob reads it too."""
    one = thing(world.alice, "box", "box in office basement")
    ObjectTag.objects.create(object=one, tag=world.tag(bob=Level.READ))
    return one


def test_first_heartbeat_brings_it_online(world: World, box: Object) -> None:
    with time_machine.travel(NOW, tick=False):
        report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    assert world.told("box.online") == [({"description": box.description, **BEAT}, {"alice": SAME, "bob": SAME})]
    device = Box.objects.get()
    assert (device.online_since, device.last_seen_at) == (NOW, NOW)
    assert {name: getattr(device, name) for name in BEAT} == BEAT


def test_next_heartbeats_say_nothing_new(world: World, box: Object) -> None:
    for _time in range(3):
        report_heartbeat(box=box, actor=GATEWAY, **BEAT | {"sw_version": "1.1"})
    assert len(world.told("box.online")) == 1
    assert Box.objects.get().sw_version == "1.1"


def test_missed_heartbeat_takes_it_offline_once(world: World, box: Object, settings: Any) -> None:
    settings.BOX_OFFLINE_SECONDS = 60
    job = NoticeMissedHeartbeats()
    with time_machine.travel(NOW, tick=False) as clock:
        report_heartbeat(box=box, actor=GATEWAY, **BEAT)
        clock.shift(60)
        assert job.run(is_dry_run=False).touched == 0
        clock.shift(1)
        assert job.run(is_dry_run=True).touched == 1
        assert [job.run(is_dry_run=False).touched for _time in range(2)] == [1, 0]
        assert world.told("box.offline") == [({"description": box.description}, {"alice": SAME, "bob": SAME})]
        report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    assert len(world.told("box.online")) == 2


def test_heartbeat_that_comes_meanwhile_keeps_it_online(box: Object) -> None:
    report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    assert not missed().exists()
    assert take_offline(box_id=box.pk, actor=Actor.by_job("test")) is False


def test_what_is_no_box_has_no_heartbeat(world: World, box: Object) -> None:
    sensor = thing(world.alice, "sensor")
    delete_object(one=box, actor=world.by_alice)
    for one in (box, sensor):
        with pytest.raises(NotFound):
            report_heartbeat(box=one, actor=GATEWAY, **BEAT)
    assert not Box.objects.exists()


def test_statements_stay_the_same_for_more_readers(
    world: World, box: Object, django_assert_max_num_queries: Any
) -> None:
    people = factories.users(*(f"reader{number}" for number in range(30)))
    tag = world.tag()
    ObjectTag.objects.create(object=box, tag=tag)
    tag.grants.bulk_create(tag.grants.model(tag=tag, user=person, level=Level.READ) for person in people)
    with django_assert_max_num_queries(12):
        report_heartbeat(box=box, actor=GATEWAY, **BEAT)
    assert len(world.names) == 3
    assert Activity.objects.get(kind="box.online").audience.count() == 32


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
def test_first_heartbeats_at_once_bring_it_online_once() -> None:
    box = thing(factories.user("alice"), "box")
    calls: list[Callable[[], Any]] = [partial(report_heartbeat, box=box, actor=GATEWAY, **BEAT)] * 8
    at_once(calls)
    assert Activity.objects.filter(kind="box.online").count() == 1
