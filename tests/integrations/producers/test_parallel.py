"""Reports that meet each other, each with a database connection of its own."""

import uuid
from functools import partial

import pytest
from django.utils import timezone

from activity.actors import Actor
from activity.models import Activity
from integrations.objects import presence
from integrations.objects.presence import Member
from integrations.objects.services.conferences import lifetime, report_members
from integrations.producers.models import Report
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.integrations.producers.world import PATH, report, results, service, thing
from tests.parallel import at_once

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def test_report_that_comes_eight_times_at_once_counts_once() -> None:
    api = service()
    one = thing(factories.user("alice"))
    body = report(one, time=timezone.now().isoformat())
    apis = [Api(authorization=api.authorization) for _number in range(8)]
    found = at_once([partial(client.post, PATH, body) for client in apis])
    statuses = [results(answer)[0][0] for answer in found]
    assert sorted(statuses) == ["accepted"] + ["duplicate"] * 7
    assert Activity.objects.filter(kind="call_record.created").count() == Report.objects.count() == 1


def test_two_services_see_one_conference_begin_and_end_once() -> None:
    room = Circle().event.room

    def say(source: str, *numbers: int) -> None:
        members = {uuid.UUID(int=number): Member() for number in numbers}
        actor = Actor.by_service(source)
        report_members(room=room, source=source, members=members, expires_at=lifetime(60), actor=actor)

    at_once([partial(say, f"bridge {number}", number) for number in range(1, 7)])
    assert len(presence.members(room.pk)) == 6
    at_once([partial(say, f"bridge {number}") for number in range(1, 7)])
    kinds = list(Activity.objects.filter(actor_kind="service").order_by("position").values_list("kind", flat=True))
    assert kinds == ["meeting.started"] + ["participant.joined"] * 6 + ["participant.left"] * 6 + ["meeting.ended"]
