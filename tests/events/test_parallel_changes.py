"""Requests that meet each other at one event, each with a database connection of its own."""

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from events.services.events import locked
from invites.models import EmailInvite, EventInvite, Reply
from mailer.models import OutgoingMail
from rooms.models import Room
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.parallel import at_once, while_locked
from users.models import User
from users.oidc.claims import Claims
from users.services import provision_user

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def test_who_waited_for_the_event_sees_its_room_as_it_is_then() -> None:
    circle = Circle()

    @transaction.atomic
    def password() -> str:
        return locked(circle.event).room.password

    assert while_locked(circle.event, lambda: Room.objects.update(password="new"), password) == "new"


def test_answers_meet_uninvitations() -> None:
    circle = Circle()
    people = [factories.user() for _number in range(10)]
    for person in people:
        circle.invite(person)
    creator = circle.api("creator")
    calls = [partial(creator.delete, f"{circle.path}/invites/{person.pk}") for person in people]
    calls += [partial(Api(person).patch, f"{circle.path}/invite") for person in people]
    found = [answer.status_code for answer in at_once(calls)]
    assert found[:10] == [204] * 10
    assert set(found[10:]) <= {204, 403}
    assert not Reply.objects.exclude(event_invite=None, email_invite=None).exists()


def test_proposal_that_many_tabs_decide_is_decided_once() -> None:
    circle = Circle()
    times = dict.fromkeys(("starts_at", "ends_at"), factories.WEEKLY["ends_at"])
    circle.api("invitee").patch(f"{circle.path}/invite", {"proposal": times})
    path, creator = f"{circle.path}/proposals/{Reply.objects.get().pk}", circle.api("creator")
    calls = [partial(creator.post, f"{path}/{what}") for what in ("accept", "refuse") * 4]
    statuses = sorted(answer.status_code for answer in at_once(calls))
    assert statuses == [204] + [409] * 7
    told = set(OutgoingMail.objects.filter(address="bob@example.com").values_list("kind", flat=True))
    assert len(told) == 1


@pytest.mark.parametrize("_time", range(2))
def test_first_sign_ins_meet_invitations(settings: Any, _time: int) -> None:
    settings.OIDC_IS_EMBEDDED = False
    circle = Circle()
    other = factories.event(circle.alice)
    come("first")  # or all would wait for the rows that the first of all makes
    names = [f"person{number}" for number in range(8)]
    calls = [partial(come, name) for name in names]
    calls += [
        partial(circle.invite, f"{name}@example.org", event=event) for name in names for event in (circle.event, other)
    ]
    at_once(calls)
    assert not EmailInvite.objects.exists()
    invited = EventInvite.objects.exclude(invitee=circle.bob)
    assert sorted(invited.values_list("invitee__oidc_sub", flat=True)) == sorted(names * 2)


def come(name: str) -> User:
    email = f"{name}@example.org"
    return provision_user(claims=Claims(sub=name, email=email, given_name=name, family_name="Example"))
