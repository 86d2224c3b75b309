"""A hundred thousand people, meetings, invitations, mails and activities: no more statements, pages below 200 kB."""

import pytest
from django.test import Client

from activity.models import Activity
from events.models import Event
from invites.models import EventInvite
from mailer.models import OutgoingMail
from rooms.models import Room
from tests import factories
from tests.staff.copies import multiply
from tests.staff.holding import Holding, browser_of
from tests.staff.test_statements import costs
from users.models import User

pytestmark = [pytest.mark.deep, pytest.mark.django_db]
MOST_BYTES = 200_000
MANY = 100_000


@pytest.fixture
def chief() -> Client:
    return browser_of(factories.user("chief", is_staff=True, is_superuser=True))


def test_hundred_thousand_rows(chief: Client) -> None:
    side = Holding("walnut")
    invite = EventInvite.objects.get(event=side.event)
    found = (side.owner, side.event, invite, side.mail, Activity.objects.order_by("pk")[0])
    lists = [f"/admin/{row._meta.app_label}/{row._meta.model_name}/" for row in found]
    paths = [*lists, *(f"{path}{row.pk}/change/" for path, row in zip(lists, found, strict=True))]
    kinds = (User, Room, Event, EventInvite, OutgoingMail, Activity)
    multiply(kinds, first=1, last=2)
    costs(chief, paths)  # what is looked up once
    before = costs(chief, paths)
    multiply(kinds, first=3, last=MANY)
    after = costs(chief, paths)
    # Fewer where the first rows are copies of one, and name fewer others.
    assert {path: (before[path], count) for path, count in after.items() if count > before[path]} == {}
    assert len(after) == len(paths)
    sizes = {path: len(chief.get(path).content) for path in paths}
    assert {path: size for path, size in sizes.items() if size >= MOST_BYTES} == {}
