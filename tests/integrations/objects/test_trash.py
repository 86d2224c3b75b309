"""The trash: emptied by its owner at once, by a job after TRASH_DAYS."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from integrations.objects import access
from integrations.objects.models import Level, Object
from integrations.objects.services.objects import delete_object
from integrations.objects.services.trash import purge_trash
from operations.job import run
from operations.jobs.prune_trash import PruneTrash
from tests.integrations.objects.world import World

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def trashed(world: World, count: int = 1) -> list[Object]:
    tag = world.tag(bob=Level.READ)
    return [delete_object(one=world.contact(tag), actor=world.by_alice) for _each in range(count)]


def test_emptied_trash_is_told_to_its_owner_once() -> None:
    world = World()
    kept = world.contact()
    trashed(world, 2)
    delete_object(one=world.contact(owner=world.bob), actor=Actor.by_api(world.bob))
    assert purge_trash(user=world.alice, actor=world.by_alice) == 2
    assert world.told("trash.purged") == [({"count": 2}, {"alice": (True, True)})]
    assert world.told("object.purged") == []
    assert list(access.visible(world.alice)) == [kept]
    assert access.in_trash(world.bob).count() == 1


def test_empty_trash_is_no_activity() -> None:
    world = World()
    assert purge_trash(user=world.alice, actor=world.by_alice) == 0
    assert world.told("trash.purged") == []


def test_job_removes_what_has_been_there_for_long(settings: Any) -> None:
    settings.TRASH_DAYS = 7
    world = World()
    with time_machine.travel(NOW, tick=False):
        trashed(world)
    with time_machine.travel(NOW + timedelta(days=7), tick=False):
        young = trashed(world)
        assert run(PruneTrash()).touched == 0  # type: ignore[union-attr]
    with time_machine.travel(NOW + timedelta(days=7, seconds=1), tick=False):
        assert run(PruneTrash(), is_dry_run=True).touched == 1  # type: ignore[union-attr]
        assert run(PruneTrash()).touched == 1  # type: ignore[union-attr]
    assert list(Object.objects.all()) == young
    data = {"object_type": "contact", "label": "Hans Mustermann", "owner_id": str(world.alice.pk)}
    assert world.told("object.purged") == [(data, {"alice": (True, False)})]


def test_emptying_costs_the_same_however_much_is_in_it() -> None:
    world = World()
    counts = []
    for number in (1, 5):
        trashed(world, number)
        with CaptureQueriesContext(connection) as statements:
            purge_trash(user=world.alice, actor=world.by_alice)
        counts.append(len(statements))
    assert counts[0] == counts[1]
