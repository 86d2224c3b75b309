"""DELETE /v1/events/{id}/invites/{user_id} and …/invites/email (contract 10.4, 10.5)."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core import mail
from icalendar import Calendar

from events import agenda
from events.models import Agenda, Event, Favorite
from invites.models import EmailInvite, EventInvite, InviteCode
from mailer.send import deliver_due
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.sweeps import sweep
from tests.traces import Traces

pytestmark = pytest.mark.django_db

LAST_YEAR = factories.schedule(
    starts_at=datetime(2025, 11, 24, 9, tzinfo=UTC), ends_at=datetime(2025, 11, 24, 10, tzinfo=UTC)
)
ROLES = [
    ("anonymous", 401),
    ("stranger", 403),
    ("other tenant", 403),
    ("guest", GUEST),
    ("invitee", 403),
    ("creator", 204),
]


def uninvite(circle: Circle, who: Any, **query: Any) -> Any:
    """By id, or by address in a body."""
    api = circle.api("creator")
    if isinstance(who, str):
        return api.delete(f"{circle.path}/invites/email", {"email": who}, **query)
    return api.delete(f"{circle.path}/invites/{who}", **query)


@sweep(("who", "status"), ROLES, fast=2)
def test_only_the_creator_may_take_an_invitation_back(who: str, status: int) -> None:
    circle = Circle()
    assert circle.api(who).delete(f"{circle.path}/invites/{circle.bob.pk}").status_code == status
    assert EventInvite.objects.exists() is (status != 204)


@sweep(("who", "status"), ROLES, fast=2)
def test_only_the_creator_may_take_an_address_back(who: str, status: int) -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    answer = circle.api(who).delete(f"{circle.path}/invites/email", {"email": "dora@example.org"})
    assert answer.status_code == status
    assert EmailInvite.objects.exists() is (status != 204)


@pytest.mark.slow
def test_user_loses_access_and_his_own_favourite() -> None:
    circle, carl = Circle(), factories.user("carl")
    circle.invite(carl)
    for user in (circle.alice, circle.bob, carl):
        Favorite.objects.create(user=user, event=circle.event)
    agenda.sync(circle.event)
    assert uninvite(circle, circle.bob.pk).status_code == 204
    assert set(Favorite.objects.values_list("user", flat=True)) == {circle.alice.pk, carl.pk}
    assert not Agenda.objects.filter(user=circle.bob).exists()
    assert Agenda.objects.get(user=carl).is_favorite
    for path in (circle.path, f"{circle.path}/invites", circle.room_path, f"{circle.room_path}/invites"):
        assert Api(circle.bob).get(path).status_code == 403
    assert Api(circle.bob).patch(f"{circle.path}/invite").status_code == 403


@pytest.mark.slow
def test_sequence_rises_and_is_stored() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    traces = Traces()
    uninvite(circle, circle.bob.pk)
    assert traces.mails() == [("bob@example.com", "registered_event_uninvite", 1)]
    assert Event.objects.get().sequence == 1
    traces = Traces()
    uninvite(circle, "dora@example.org")
    assert traces.mails() == [("dora@example.org", "external_event_uninvite", 2)]
    assert Event.objects.get().sequence == 2


def test_who_is_invited_again_gets_a_newer_object() -> None:
    circle = Circle()
    uninvite(circle, circle.bob.pk)
    traces = Traces()
    circle.invite(circle.bob, suppress_mail=False)
    assert traces.mails() == [("bob@example.com", "registered_event_invite", 2)]


@pytest.mark.slow
def test_code_of_the_address_is_revoked_and_no_other() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    circle.invite("carl@example.org")
    permanent = circle.api("creator").post(f"{circle.room_path}/invites", {}).json()["invite_code"]
    dora = EmailInvite.objects.get(email="dora@example.org").invite_code
    traces = Traces()
    assert uninvite(circle, "DORA@example.org").status_code == 204
    assert traces.activities() == [("code.revoked", ["alice"]), ("invite.removed", ["alice"])]
    assert list(InviteCode.objects.filter(active=False)) == [dora]
    assert Api().post("/v1/invite/verify", {"invite_code": str(dora.pk)}).status_code == 404
    assert Api().post("/v1/invite/verify", {"invite_code": permanent}).status_code == 200


@pytest.mark.slow
def test_code_of_a_claimed_invitation_is_revoked_too() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    dora = factories.user("dora", registered=False, email="dora@example.org")
    Api(dora).get("/v1/users/me")
    uninvite(circle, dora.pk)
    assert not InviteCode.objects.get().active


@pytest.mark.slow
def test_address_of_a_user_takes_his_invitation_back() -> None:
    circle, carl = Circle(), factories.user("carl")
    circle.invite(carl)
    traces = Traces()
    assert uninvite(circle, "Bob@Example.com").status_code == 204
    assert traces.mails() == [("bob@example.com", "registered_event_uninvite", 1)]
    assert traces.activities() == [("invite.removed", ["alice", "bob"])]
    assert EventInvite.objects.get().invitee == carl


def test_account_that_never_signed_in_is_told_by_its_kind() -> None:
    circle = Circle()
    factories.user("erik", registered=False, email="erik@example.org")
    circle.invite("erik@example.org")
    traces = Traces()
    uninvite(circle, "erik@example.org")
    assert traces.mails() == [("erik@example.org", "unregistered_event_uninvite", 1)]


@pytest.mark.slow
def test_who_is_not_invited_is_not_found() -> None:
    circle, carl = Circle(), factories.user("carl")
    traces = Traces()
    for who in (carl.pk, circle.alice.pk, uuid.uuid4(), "dora@example.org", "alice@example.com"):
        answer = uninvite(circle, who)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert traces.is_empty()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 400),
        ({}, 400),
        ({"email": 5}, 400),
        ({"email": "dora"}, 400),
        ({"email": "d" * 256 + "@example.org"}, 422),
    ],
)
def test_address_is_read_from_the_body(body: Any, status: int) -> None:
    circle = Circle()
    assert circle.api("creator").delete(f"{circle.path}/invites/email", body).status_code == status


def test_suppressed_uninvitation_mails_nobody() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    traces = Traces()
    for who in (circle.bob.pk, "dora@example.org"):
        assert uninvite(circle, who, suppress_email_notification="true").status_code == 204
    assert traces.mails() == []


@pytest.mark.slow
@time_machine.travel(datetime(2026, 6, 1, tzinfo=UTC), tick=False)
def test_nobody_is_told_of_what_is_over() -> None:
    circle = Circle(schedule=LAST_YEAR)
    circle.invite("dora@example.org")
    traces = Traces()
    for who in (circle.bob.pk, "dora@example.org"):
        assert uninvite(circle, who).status_code == 204
    assert traces.mails() == []


@pytest.mark.slow
def test_the_mail_carries_no_way_in(settings: Any) -> None:
    settings.CALL_IN_TEL = "+493012345678"
    circle = Circle(password="open sesame")
    circle.invite("dora@example.org")
    code = InviteCode.objects.get()
    uninvite(circle, "dora@example.org")
    deliver_due()
    (message,) = mail.outbox
    assert message.subject == "No longer invited: Team meeting"
    text = message.message().as_string() + message.body + str(message.alternatives)
    for secret in (str(code.code), "open sesame", circle.event.room.sip_config.password, str(circle.event.room_id)):
        assert secret not in text
    (meeting,) = Calendar.from_ical(message.attachments[0].content).walk("VEVENT")
    assert (meeting["SEQUENCE"], meeting["ATTENDEE"], meeting["STATUS"]) == (
        1,
        "mailto:dora@example.org",
        "CANCELLED",
    )
