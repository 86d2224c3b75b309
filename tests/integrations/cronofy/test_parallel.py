"""Requests that meet each other at one invite, each with a database connection of its own."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from activity.actors import Actor
from events.models import Event
from events.services.events import delete_event
from events.services.invitations import answer_invite
from integrations.cronofy.models import Application, Ending, Recipient, SmartInvite
from integrations.deliveries.keys import create_key
from integrations.deliveries.models import Delivery, Endpoint
from invites.models import EmailInvite
from rest.errors import ApiError
from tests.api import Api
from tests.integrations.cronofy.world import GUEST, PATH, application, client, invite, put
from tests.parallel import at_once

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]


def posts(app: Application, bodies: list[dict[str, Any]]) -> list[Callable[[], Any]]:
    apis = [Api(authorization=f"Bearer {create_key(ring=app.ring)}") for _body in bodies]
    return [partial(api.post, PATH, body) for api, body in zip(apis, bodies, strict=True)]


def test_same_id_makes_one_meeting() -> None:
    found = at_once(posts(application(), [invite()] * 8))
    assert {answer.status_code for answer in found} == {200}
    assert (SmartInvite.objects.count(), Event.objects.count(), EmailInvite.objects.count()) == (1, 1, 1)


def test_cancelled_id_makes_one_meeting_again() -> None:
    app = application()
    api = client(app)
    put(api)
    api.post(PATH, invite(method="cancel"))
    found = at_once(posts(app, [invite()] * 8))
    assert {answer.status_code for answer in found} == {200}
    assert Event.objects.count() == 1


def test_recipients_who_come_at_once_are_all_in_it() -> None:
    found = at_once(posts(application(), [invite("inv-1", f"p{number}@example.org") for number in range(8)]))
    assert {answer.status_code for answer in found} == {200}
    assert (Event.objects.count(), Recipient.objects.count(), EmailInvite.objects.count()) == (1, 8, 8)


@pytest.mark.parametrize("_time", range(3))
def test_changes_meet_the_end_by_staff(_time: int) -> None:
    app = application()
    put(client(app))
    event = Event.objects.get()
    bodies = [invite("inv-1", event={"summary": f"Change {number}", "start": "2027-01-21", "end": "2027-01-21"})
              for number in range(4)]  # fmt: skip
    calls: list[Callable[[], Any]] = posts(app, bodies)
    calls.append(partial(delete_event, event=event, actor=Actor.by_admin(app.service_user)))
    found = at_once(calls)[:4]
    assert {answer.status_code for answer in found} == {200}
    smart_invite = SmartInvite.objects.get()
    # Whoever came after the end has planned it anew.
    assert Event.objects.filter(pk=smart_invite.event_id).exists() != Ending.objects.exists()


def test_answers_meet_cancellations() -> None:
    app = application()
    api = client(app)
    for number in range(4):
        put(api, f"inv-{number}")
    invites = list(EmailInvite.objects.select_related("event"))

    def answered(one: EmailInvite) -> str:
        try:
            return answer_invite(invite=one, status="accepted", actor=Actor.by_guest(), via="page").status
        except ApiError as error:
            return type(error).__name__

    calls: list[Callable[[], Any]] = posts(app, [invite(f"inv-{number}", method="cancel") for number in range(4)])
    calls += [partial(answered, one) for one in invites]
    found = at_once(calls)
    assert {answer.status_code for answer in found[:4]} == {200}
    assert set(found[4:]) <= {"accepted", "NotFound", "Forbidden"}
    assert Delivery.objects.count() == found[4:].count("accepted")
    # What was answered before the end stands in what is told afterwards.
    told = Ending.objects.exclude(address="").filter(resource__recipient__status="accepted", address=GUEST)
    assert told.count() == Delivery.objects.count()


def test_first_answers_share_one_endpoint() -> None:
    put(client(application()), "inv-1", *(f"p{number}@example.org" for number in range(8)))
    invites = list(EmailInvite.objects.select_related("event"))
    at_once(
        [partial(answer_invite, invite=one, status="accepted", actor=Actor.by_guest(), via="page") for one in invites]
    )
    assert (Endpoint.objects.count(), Delivery.objects.count()) == (1, 8)
