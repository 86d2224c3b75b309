"""The first sign-in of somebody who was invited by address (contract 1.2)."""

from datetime import UTC, datetime

import pytest

from activity.actors import Actor
from events.models import Agenda
from events.services.invitations import answer_invite
from invites.models import EmailInvite, EventInvite, InviteCode, Reply
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.traces import Traces
from users.models import User

pytestmark = pytest.mark.django_db

EARLIER = datetime(2026, 5, 1, tzinfo=UTC)


def account(email: str = "dora@example.org", name: str = "dora") -> User:
    """Somebody whose next request is the first."""
    return factories.user(name, registered=False, email=email)


def test_first_sign_in_makes_it_an_invitation_of_the_user() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    EmailInvite.objects.update(created_at=EARLIER)
    before = EmailInvite.objects.get()
    dora = account()
    traces = Traces()
    seen = Api(dora).get("/v1/events").json()
    assert [(row["title"], row["invite_status"]) for row in seen] == [("Team meeting", "pending")]
    assert not EmailInvite.objects.exists()
    invite = EventInvite.objects.get(invitee=dora)
    assert (invite.role, invite.status, invite.created_by, invite.created_at) == (
        "user",
        "pending",
        circle.alice,
        EARLIER,
    )
    assert (invite.token_nonce, invite.invite_code) == (before.token_nonce, before.invite_code)
    assert traces.activities() == [("user.created", ["dora"]), ("invite.claimed", ["alice", "dora"])]
    assert traces.mails() == []


def test_moderator_stays_moderator() -> None:
    circle = Circle()
    circle.invite("dora@example.org", role="moderator")
    dora = account()
    Api(dora).get("/v1/users/me")
    assert EventInvite.objects.get(invitee=dora).role == "moderator"
    assert Agenda.objects.get(user=dora).role == "moderator"


def test_link_in_the_old_mail_still_opens_the_room() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    code = InviteCode.objects.get()
    Api(account()).get("/v1/users/me")
    answer = Api().post("/v1/invite/verify", {"invite_code": str(code.pk)})
    assert answer.json() == {"room_id": str(circle.event.room_id), "password_required": False}


def test_answers_come_along() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    by_mail = Actor.by_job("test")
    answer_invite(invite=EmailInvite.objects.get(), status="tentative", actor=by_mail, via=Reply.Via.MAIL)
    dora = account()
    Api(dora).get("/v1/users/me")
    invite = EventInvite.objects.get(invitee=dora)
    assert (invite.status, [reply.status for reply in invite.replies.all()]) == ("tentative", ["tentative"])
    assert Agenda.objects.get(user=dora).invite_status == "tentative"


def test_all_events_are_claimed_at_once_and_only_once() -> None:
    circle = Circle()
    other = factories.event(circle.alice, title="Second")
    for event in (circle.event, other):
        circle.invite("dora@example.org", event=event)
    dora = account()
    for _request in range(2):
        assert len(Api(dora).get("/v1/events").json()) == 2
    assert EventInvite.objects.filter(invitee=dora).count() == 2


def test_address_is_compared_without_case() -> None:
    circle = Circle()
    circle.api("creator").post(f"{circle.path}/invites", {"email": "DORA@Example.org"})
    assert len(Api(account()).get("/v1/events").json()) == 1


def test_other_addresses_and_other_tenants_are_not_claimed() -> None:
    circle = Circle()
    circle.invite("carl@example.org")
    elsewhere = factories.user("eve", tenant=factories.tenant("another"))
    foreign = factories.event(elsewhere, title="Foreign")
    circle.invite("dora@example.org", event=foreign, actor=Actor.by_api(elsewhere))
    assert Api(account()).get("/v1/events").json() == []
    assert EmailInvite.objects.count() == 2


def test_claimed_invitee_gets_updates_as_a_user() -> None:
    circle = Circle()
    circle.invite("dora@example.org")
    Api(account()).get("/v1/users/me")
    traces = Traces()
    circle.api("creator").patch(circle.path, {"title": "Other"})
    assert ("dora@example.org", "registered_event_update", 1) in traces.mails()
