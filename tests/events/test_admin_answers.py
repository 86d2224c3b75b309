"""Staff see how many come, record what somebody told them, decide proposals, and change who is mailed about answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activity.actors import Actor
from events.digest_models import Digest
from events.models import Event
from events.services.invitations import Proposal, answer_invite
from invites.models import EmailInvite, EventInvite, Reply
from tests import factories
from tests.circle import Circle
from tests.events.changes import WEEKLY, before_the_lock
from tests.staff.asking import saved
from tests.traces import Traces

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SECOND = datetime(2026, 11, 30, 9, tzinfo=UTC)
LATER = Proposal(
    starts_at=datetime(2026, 12, 1, 13, tzinfo=UTC), ends_at=datetime(2026, 12, 1, 14, tzinfo=UTC), zone="Europe/Berlin"
)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def circle() -> Circle:
    circle = Circle(schedule=factories.schedule(pattern=WEEKLY))
    circle.invite("dora@example.org")
    return circle


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(factories.staff())
    return client


def page(circle: Circle) -> str:
    return reverse("admin:events_event_change", args=[circle.event.pk])


def answer_page(circle: Circle) -> str:
    return reverse("admin:events_event_answer", args=[circle.event.pk, circle.event.invites.get().pk])


def proposal_page(circle: Circle) -> str:
    invite, actor = circle.event.invites.get(), Actor.by_api(circle.bob)
    reply = answer_invite(invite=invite, status="tentative", actor=actor, via="api", occurrence=SECOND, proposal=LATER)
    return reverse("admin:events_event_proposal", args=[circle.event.pk, reply.pk])


@pytest.mark.slow
def test_list_and_page_count_the_answers(circle: Circle, staff: Client) -> None:
    circle.api("invitee").patch(f"{circle.path}/invite")
    assert ">1 of 2</td>" in staff.get(reverse("admin:events_event_changelist")).content.decode()
    text = staff.get(page(circle)).content.decode()
    assert "accepted 1, tentative 0, declined 0, pending 1" in text
    assert '<th scope="row">accepted</th><td class="number">1</td>' in text


@pytest.mark.slow
def test_list_counts_in_constant_statements(circle: Circle, staff: Client) -> None:
    path, counted = reverse("admin:events_event_changelist"), []
    for _size in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(path).status_code == 200
        counted.append(len(captured))
        for _number in range(3):
            circle.invite(circle.bob, event=factories.event(circle.alice))
    assert counted[0] == counted[1]


@pytest.mark.slow
def test_staff_record_what_somebody_told_them(circle: Circle, staff: Client) -> None:
    path, traces = answer_page(circle), Traces()
    assert f'href="{path}"' in staff.get(page(circle)).content.decode()
    assert "December 2026" in staff.get(path).content.decode()
    answer = staff.post(path, {"status": "declined", "comment": "On the phone", "occurrence": ""})
    assert answer.status_code == 302
    reply = Reply.objects.get()
    assert (reply.status, reply.comment, reply.via, reply.occurrence) == ("declined", "On the phone", "admin", None)
    assert (reply.address, reply.untold_to) == ("bob@example.com", circle.alice)
    assert EventInvite.objects.get().status == "declined"
    entry = traces.last("invite.answered")
    assert (entry.actor_kind, entry.via, entry.data["is_by_invitee"]) == ("staff", "admin", True)


def test_staff_record_an_answer_to_one_occurrence(circle: Circle, staff: Client) -> None:
    staff.post(answer_page(circle), {"status": "accepted", "occurrence": "20261130T090000Z"})
    assert Reply.objects.get().occurrence == SECOND
    assert EventInvite.objects.get().status == "pending"


def test_staff_record_the_answer_of_an_address(circle: Circle, staff: Client) -> None:
    invite = EmailInvite.objects.get()
    path = reverse("admin:events_event_answer", args=[circle.event.pk, invite.pk])
    assert staff.post(path, {"status": "accepted"}).status_code == 302
    assert EmailInvite.objects.get().status == "accepted"


@pytest.mark.parametrize("given", [{}, {"status": "maybe"}, {"status": "accepted", "occurrence": "20261201T090000Z"}])
def test_what_is_no_answer_is_not_recorded(circle: Circle, staff: Client, given: dict[str, str]) -> None:
    assert staff.post(answer_page(circle), given).status_code == 200
    assert not Reply.objects.exists()


def test_answer_of_nobody_invited_is_not_found(circle: Circle, staff: Client) -> None:
    other = factories.event(circle.alice)
    path = reverse("admin:events_event_answer", args=[other.pk, circle.event.invites.get().pk])
    assert staff.get(path).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(("decision", "state"), [("accept", "accepted"), ("refuse", "refused")])
def test_staff_decide_a_proposal(circle: Circle, staff: Client, decision: str, state: str) -> None:
    path = proposal_page(circle)
    shown = staff.get(page(circle)).content.decode()
    assert f'href="{path}"' in shown
    assert "Bob Example" in staff.get(path).content.decode()
    traces = Traces()
    assert saved(staff, path, {"decision": decision, "comment": "Sorry"}).status_code == 302
    assert Reply.objects.get().proposal_state == state
    assert (traces.log()[0].kind, traces.log()[0].via) == (f"proposal.{state}", "admin")
    assert f'href="{path}"' not in staff.get(page(circle)).content.decode()
    assert staff.post(path, {"decision": decision}, follow=True).status_code == 200
    assert len(traces.log()) == (2 if decision == "accept" else 1)


@pytest.mark.parametrize("what", ["answers", "proposals"])
def test_who_may_only_look_decides_nothing(circle: Circle, what: str) -> None:
    path = answer_page(circle) if what == "answers" else proposal_page(circle)
    reader = factories.user("reader", is_staff=True)
    names = ("view_event", "view_eventinvite", "see_every_tenant")
    reader.user_permissions.set(permissions(*names))
    client = Client()
    client.force_login(reader)
    assert path not in client.get(page(circle)).content.decode()
    traces = Traces()
    assert client.post(path, {"status": "accepted", "decision": "accept"}).status_code == 403
    assert traces.is_empty()


def permissions(*names: str) -> Any:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    found = Permission.objects.filter(codename__in=names)
    assert len(found) == len(names)
    return found


def test_staff_change_how_often_somebody_is_mailed(circle: Circle, staff: Client) -> None:
    traces = Traces()
    path = reverse("admin:events_digest_add")
    given = {"user": str(circle.alice.pk), "frequency": "daily", "at": "18:00"}
    assert staff.post(path, given).status_code == 302
    digest = Digest.objects.get()
    assert (digest.user, digest.frequency) == (circle.alice, "daily")
    change = reverse("admin:events_digest_change", args=[digest.pk])
    assert staff.post(change, {"frequency": "off", "at": "18:00"}).status_code == 302
    assert Digest.objects.get().frequency == "off"
    assert [entry.kind for entry in traces.log()] == ["digest.updated"] * 2


@pytest.mark.parametrize("where", [answer_page, proposal_page])
def test_event_that_is_deleted_meanwhile_is_not_found(
    monkeypatch: pytest.MonkeyPatch, circle: Circle, staff: Client, where: Any
) -> None:
    path = where(circle)
    before_the_lock(monkeypatch, Event.objects.filter(pk=circle.event.pk).delete)
    assert staff.post(path, {"status": "accepted", "decision": "accept"}).status_code == 404
