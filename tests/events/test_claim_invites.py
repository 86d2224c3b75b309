"""Invitations to an address become those of the person who has it: at the first sign-in, and when it changes."""

import pytest

from activity.actors import Actor
from events.services.invitations import uninvite_email, uninvite_user
from invites.access import codes_of
from invites.models import EmailInvite, EventInvite, InviteCode, Status
from invites.services import create_code
from operations.models import JobRun
from operations.tasks import run_job
from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.changes import before_the_lock
from tests.traces import Traces
from users.models import User
from users.oidc.claims import Claims
from users.services import provision_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle(settings) -> Circle:
    settings.OIDC_IS_EMBEDDED = False
    return Circle()


def come(email: str, *, sub: str = "dora", **claims) -> User:
    return provision_user(claims=Claims(sub=sub, email=email, given_name="Dora", family_name="Dorn", **claims))


def meetings(user: User) -> list[str]:
    return [event["id"] for event in Api(user).get("/v1/events").json()]


@pytest.mark.parametrize(("role", "claimed"), [("guest", "user"), ("moderator", "moderator")])
def test_first_sign_in_claims(circle, settings, role, claimed):
    circle.invite("Dora@Example.org", role=role)
    given = EmailInvite.objects.get()
    EmailInvite.objects.update(status=Status.TENTATIVE)
    traces = Traces()
    dora = come("dora@example.org")
    invite = EventInvite.objects.get(invitee=dora)
    assert (invite.role, invite.status, invite.created_by, invite.created_at) == (
        claimed, "tentative", circle.alice, given.created_at,
    )  # fmt: skip
    assert not EmailInvite.objects.exists()
    assert ("invite.claimed", sorted([dora.username, "alice"])) in traces.activities()
    settings.OIDC_IS_EMBEDDED = True  # whose tokens tests.api makes
    assert meetings(dora) == [str(circle.event.pk)]


def test_new_address_claims(circle):
    dora = come("dora@example.com")
    circle.invite("dora@example.org")
    assert not EventInvite.objects.filter(invitee=dora).exists()
    come("dora@example.org")
    assert EventInvite.objects.get(invitee=dora).event == circle.event


def test_same_address_claims_once(circle):
    dora = come("dora@example.org")
    EmailInvite.objects.create(event=circle.event, email="dora@example.org", created_by=circle.alice)
    come("dora@example.org")
    assert not EventInvite.objects.filter(invitee=dora).exists()


def test_address_of_another_tenant_claims_nothing(circle, settings):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    circle.invite("dora@example.org")
    come("dora@example.org", tenant_id="another")
    assert EmailInvite.objects.exists()


@pytest.mark.slow
def test_who_is_invited_already_stays_so(circle):
    come("bob@example.net", sub=str(circle.bob.pk))
    circle.invite("bob@example.org", role="moderator")
    come("bob@example.org", sub=str(circle.bob.pk))
    assert EventInvite.objects.get(invitee=circle.bob).role == "user"
    assert not EmailInvite.objects.exists()


def test_guest_code_of_who_is_invited_already_stays_his_own(circle):
    """Else the frontend would show it as the meeting's guest link."""
    come("bob@example.net", sub=str(circle.bob.pk))
    circle.invite("bob@example.org")
    code = InviteCode.objects.get()
    come("bob@example.org", sub=str(circle.bob.pk))
    assert EventInvite.objects.get(invitee=circle.bob).invite_code == code
    assert not codes_of(circle.event.room).exists()
    uninvite_user(event=circle.event, user_id=circle.bob.pk, actor=Actor.by_api(circle.alice))
    assert not InviteCode.objects.get().active


def test_creator_is_not_invited_to_his_own_meeting(circle):
    circle.invite("alice@example.org")
    come("alice@example.org", sub=str(circle.alice.pk))
    assert not EventInvite.objects.filter(invitee=circle.alice).exists()
    assert not EmailInvite.objects.exists()
    assert not InviteCode.objects.get().active


def test_disabled_person_claims_nothing(circle):
    dora = come("dora@example.com")
    circle.invite("dora@example.org")
    User.objects.filter(pk=dora.pk).update(disabled_since="2026-11-23T09:00:00Z")
    come("dora@example.org")
    assert EmailInvite.objects.exists()


def test_account_without_sign_in_claims_nothing(circle):
    circle.invite("dora@example.org")
    factories.user("dora", email="dora@example.org", registered=False)
    assert EmailInvite.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["{event}/invites/email", "{event}", "{room}"])
def test_what_was_taken_back_meanwhile_is_not_claimed(circle, settings, monkeypatch, gone):
    circle.invite("dora@example.org")
    path = gone.format(event=circle.path, room=circle.room_path)

    def take_back():
        settings.OIDC_IS_EMBEDDED = True  # whose tokens tests.api makes
        assert circle.api("creator").delete(path, {"email": "dora@example.org"}).status_code == 204

    before_the_lock(monkeypatch, take_back)
    assert not EventInvite.objects.filter(invitee=come("dora@example.org")).exists()


@pytest.mark.slow
def test_what_is_claimed_meanwhile_is_taken_back(circle, monkeypatch):
    circle.invite("dora@example.org")
    before_the_lock(monkeypatch, lambda: come("dora@example.org"))
    uninvite_email(event=circle.event, email="dora@example.org", actor=Actor.by_api(circle.alice))
    assert not EventInvite.objects.exclude(invitee=circle.bob).exists()


@pytest.mark.slow
def test_job_claims_what_a_sign_in_has_missed(circle, settings):
    """As two that met each other left it: an address with an account, invited as a stranger, and then again."""
    dora = come("dora@example.org")
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    EmailInvite.objects.create(
        event=circle.event, email=dora.email, created_by=circle.alice, status=Status.ACCEPTED, invite_code=code
    )
    other = factories.event(circle.alice)
    EmailInvite.objects.create(event=other, email=dora.email, created_by=circle.alice)
    EmailInvite.objects.create(event=other, email="nobody@example.org", created_by=circle.alice)
    circle.invite(dora)
    run_job("claim-invites", is_dry_run=True)
    assert JobRun.objects.get().touched == 1
    traces = Traces()
    run_job("claim-invites")
    assert [(row.kind, row.actor_name) for row in traces.log()] == [("invite.claimed", "claim-invites")] * 2
    found = EventInvite.objects.filter(invitee=dora).order_by("created_at")
    assert [(invite.event, invite.status, invite.invite_code) for invite in found] == [
        (other, "pending", None), (circle.event, "accepted", code),
    ]  # fmt: skip
    assert EmailInvite.objects.get().email == "nobody@example.org"
    settings.OIDC_IS_EMBEDDED = True
    assert set(meetings(dora)) == {str(circle.event.pk), str(other.pk)}
    traces = Traces()
    run_job("claim-invites")
    assert traces.is_empty()
