"""Ways out: the issuer's logout token, a disabled account, a new password."""

import time
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client as Browser
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from tests import factories
from tests.api import Api
from tests.staff.asking import confirmed
from tests.sweeps import sweep
from tests.traces import Traces
from tests.users.issuer import ALICE, ask
from tests.users.relying_party import RelyingParty, make_person
from users.models import User
from users.oidc.claims import read_claims
from users.provider.clients import ensure_clients
from users.services import provision_user
from users.signals import address_gained

LOGOUT = "/v1/auth/logout"
EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}
EXPIRED = 'Bearer error="invalid_token", error_description="The provided access token expired"'
pytestmark = pytest.mark.django_db


# ---- The issuer says that somebody signed out there ----


def logout_token(issuer, **changes):
    claims = {"aud": "Frontend", "events": EVENTS, "sid": "s1"} | dict.fromkeys(ALICE) | changes
    return issuer.token(header_typ=changes.pop("header_typ", "logout+jwt"), **claims)


def post(token):
    return Browser().post(LOGOUT, urlencode({"logout_token": token}), content_type="application/x-www-form-urlencoded")


def test_tokens_until_then_are_good_no_more(issuer, clock):
    token = issuer.token()
    assert ask(token).status_code == 200
    clock.shift(2)
    answer = post(logout_token(issuer))
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"", "no-store")
    answer = ask(token)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, EXPIRED)
    clock.shift(2)
    assert issuer.get().status_code == 200


def test_other_people_stay(issuer, clock):
    other = issuer.token(sub="bob", email="bob@example.com")
    assert ask(other).status_code == 200
    post(logout_token(issuer))
    assert ask(other).status_code == 200


def test_json_is_understood_too(issuer):
    issuer.get()
    assert Api().post(LOGOUT, {"logout_token": logout_token(issuer)}).status_code == 200
    assert User.objects.get().sessions_ended_at is not None


def test_older_logout_does_not_undo_a_newer_one(issuer):
    issuer.get()
    now = int(time.time())
    post(logout_token(issuer, iat=now))
    post(logout_token(issuer, iat=now - 100))
    assert User.objects.get().sessions_ended_at.timestamp() == now


@pytest.mark.slow
def test_session_without_person(issuer, clock):
    token = issuer.token(sid="s1")
    assert ask(token).status_code == 200
    post(logout_token(issuer, sub=None, sid="another"))
    assert ask(token).status_code == 200
    clock.shift(2)
    post(logout_token(issuer, sub=None))
    assert ask(token).status_code == 401


def test_expiry_is_not_required(issuer):
    assert post(logout_token(issuer, exp=None)).status_code == 200


@sweep(
    "changes",
    [
        {"aud": "another"}, {"aud": None}, {"iss": "https://elsewhere.example.com"}, {"events": None}, {"events": {}},
        {"events": "x"}, {"events": {next(iter(EVENTS)): 1}}, {"nonce": "n"}, {"sub": None, "sid": None}, {"iat": None},
        {"jti": None}, {"exp": 1}, {"kid": "stranger"},
    ],
 fast=6)  # fmt: skip
def test_what_is_no_logout_token(issuer, changes):
    issuer.get()
    answer = post(logout_token(issuer, **changes))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert User.objects.get().sessions_ended_at is None


def test_access_and_id_tokens_sign_nobody_out(issuer):
    for token in (issuer.token(), issuer.token(aud="Frontend"), "x"):
        assert post(token).status_code == 400


@pytest.mark.parametrize("body", [{}, {"logout_token": ""}])
def test_body_without_token(body):
    assert Api().post(LOGOUT, body).status_code in {400, 422}


# ---- Staff disable somebody, or set their password ----


@pytest.fixture
def admin():
    browser = Browser()
    browser.force_login(factories.staff())
    return browser


@pytest.fixture
def party():
    """Alice with the frontend open, and with a code that nobody used so far."""
    ensure_clients()
    make_person()
    browser = RelyingParty()
    browser.tokens = browser.sign_in()
    browser.unused_code = browser.code()
    assert ask(browser.tokens["access_token"]).status_code == 200
    return browser


def change(admin: Browser, user: User, **fields):
    form = admin.get(f"/admin/users/user/{user.pk}/change/").context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in values.items() if value not in (None, "", []) and name != "password"}
    data = {name: value.pk if hasattr(value, "pk") else value for name, value in data.items()}
    answer = admin.post(f"/admin/users/user/{user.pk}/change/", data | fields)
    assert answer.status_code == 302, answer.context["errors"]


def assert_signed_out(party):
    assert party.refresh(party.tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert party.exchange(party.unused_code).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()
    assert not Grant.objects.exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()


@pytest.mark.slow
def test_disabling_signs_out(party, admin):
    traces = Traces()
    confirmed(admin, f"/admin/users/user/{User.objects.get(username='alice').pk}/disable/", {"fate": "leave"})
    assert_signed_out(party)
    assert ask(party.tokens["access_token"]).status_code == 403
    assert traces.activities() == [("user.updated", ["alice"]), ("user.signed_out", ["alice"])]


@pytest.mark.slow
def test_who_is_enabled_again_signs_in_anew(party, admin):
    alice = User.objects.get(username="alice")
    confirmed(admin, f"/admin/users/user/{alice.pk}/disable/", {"fate": "leave"})
    assert admin.post(f"/admin/users/user/{alice.pk}/enable/").status_code == 302
    assert ask(party.tokens["access_token"]).status_code == 401
    with time_machine.travel(time.time() + 2):
        assert ask(RelyingParty().sign_in()["access_token"]).status_code == 200


@pytest.mark.slow
def test_other_changes_leave_people_signed_in(party, admin):
    change(admin, User.objects.get(username="alice"), title="Dr.")
    assert User.objects.get(username="alice").title == "Dr."
    assert ask(party.tokens["access_token"]).status_code == 200
    assert party.refresh(party.tokens["refresh_token"]).status_code == 200


@pytest.mark.slow
def test_address_that_staff_changes_claims_invitations(party, admin):
    """As an address that the issuer changes does."""
    gained = []
    address_gained.connect(receiver := lambda user, **_: gained.append(user.email))
    change(admin, User.objects.get(username="alice"), email="Alicia@Example.com")
    address_gained.disconnect(receiver)
    assert gained == ["alicia@example.com"]


@pytest.mark.slow
def test_password_that_staff_sets_signs_out(party, admin):
    alice = User.objects.get(username="alice")
    passwords = {"password1": "another horse battery", "password2": "another horse battery", "usable_password": "true"}
    assert admin.post(f"/admin/users/user/{alice.pk}/password/", passwords).status_code == 302
    assert_signed_out(party)
    assert ask(party.tokens["access_token"]).status_code == 401


@pytest.mark.slow
def test_password_that_does_not_fit_signs_nobody_out(party, admin):
    alice = User.objects.get(username="alice")
    passwords = {"password1": "12345", "password2": "12345", "usable_password": "true"}
    assert admin.post(f"/admin/users/user/{alice.pk}/password/", passwords).status_code == 200
    assert ask(party.tokens["access_token"]).status_code == 200


@pytest.mark.slow
def test_own_new_password_signs_out_elsewhere(party):
    alice = User.objects.get(username="alice")
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    passwords = {"old_password": factories.PASSWORD, "new_password1": "another horse", "new_password2": "another horse"}
    assert party.browser.post("/admin/password_change/", passwords).status_code == 302
    assert_signed_out(party)


def test_first_password_ends_nothing(settings):
    settings.OIDC_IS_EMBEDDED = False
    person = factories.user("bob")
    assert person.sessions_ended_at is None
    known = provision_user(claims=read_claims({"sub": str(person.pk)} | ALICE))
    assert known.sessions_ended_at is None
