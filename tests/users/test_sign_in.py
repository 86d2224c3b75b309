"""POST auth/login: the frontend sends its ID token after each refresh, without a header."""

import time

import pytest
import time_machine

from tests.api import Api, token
from tests.users.issuer import ask
from tests.users.relying_party import RelyingParty, make_person
from users.models import User
from users.provider.clients import ensure_clients

INVALID = 'Bearer error="invalid_token", error_description="The provided id token is invalid"'


@pytest.fixture
def alice(db):
    ensure_clients()
    return make_person()


def log_in(id_token):
    return Api().post("/v1/auth/login", {"id_token": id_token})


def test_where_to_sign_in(db):
    answer = Api().get("/v1/auth/login")
    assert answer.json() == {"oidc": {"name": "default", "url": "http://127.0.0.1:8000/oidc"}}


def test_first_sign_in_makes_the_account_a_user(alice):
    answer = log_in(RelyingParty().sign_in()["id_token"])
    assert (answer.status_code, answer.json()) == (200, {"permissions": []})
    alice.refresh_from_db()
    assert (alice.oidc_sub, alice.display_name) == (str(alice.pk), "Alice Adams")
    assert alice.tariff.name == "OpenTalkDefaultTariff"


def test_first_request_keeps_what_staff_entered(alice):
    User.objects.update(avatar_url="https://example.com/a.png", phone="+493012345678")
    assert ask(RelyingParty().sign_in()["access_token"]).json()["avatar_url"] == "https://example.com/a.png"
    assert User.objects.get().phone == "+493012345678"


@pytest.mark.slow
def test_again_and_again(alice):
    party = RelyingParty()
    tokens = party.sign_in()
    for _number in range(2):
        assert log_in(tokens["id_token"]).status_code == 200
        tokens = party.refresh(tokens["refresh_token"]).json()
    assert User.objects.count() == 1


def test_old_id_token_does_not_bring_old_names_back(alice):
    old = RelyingParty().sign_in()["id_token"]
    log_in(old)
    User.objects.update(first_name="Alicia", email="alicia@example.com", avatar_url="https://example.com/a.png")
    log_in(old)
    alice.refresh_from_db()
    assert (alice.first_name, alice.email, alice.avatar_url) == (
        "Alicia", "alicia@example.com", "https://example.com/a.png",
    )  # fmt: skip


@pytest.mark.slow
def test_name_that_staff_gave_meanwhile_stays(alice, settings):
    settings.DISALLOW_CUSTOM_DISPLAY_NAME = True
    party = RelyingParty()
    tokens = party.sign_in()
    log_in(tokens["id_token"])
    with time_machine.travel(time.time() + 60):
        tokens = party.refresh(tokens["refresh_token"]).json()
        User.objects.update(display_name="Queen")
        log_in(tokens["id_token"])
    alice.refresh_from_db()
    assert alice.display_name == "Queen"


@pytest.mark.parametrize("text", ["x", "a.b.c"])
def test_what_is_no_token(db, text):
    answer = log_in(text)
    assert (answer.status_code, answer.json()["message"]) == (401, "Authentication failed")
    assert answer["WWW-Authenticate"] == INVALID


def test_expired_id_token(alice):
    with time_machine.travel(time.time() - 400):
        old = RelyingParty().sign_in()["id_token"]
    answer = log_in(old)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, INVALID)


def test_access_token_is_no_id_token(alice):
    assert log_in(token(alice)).status_code == 403


def test_disabled_person(alice):
    id_token = RelyingParty().sign_in()["id_token"]
    User.objects.update(disabled_since="2026-11-23T09:00:00Z", oidc_sub=str(alice.pk))
    assert log_in(id_token).status_code == 403


@pytest.mark.parametrize("body", [{}, {"id_token": None}, {"id_token": 7}, {"id_token": ["x"]}])
def test_body_without_token(db, body):
    answer = Api().post("/v1/auth/login", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


# ---- Another issuer ----


@pytest.mark.django_db
def test_id_token_of_another_issuer(issuer):
    assert log_in(issuer.token(aud="Frontend")).status_code == 200
    assert User.objects.get().email == "alice@example.com"


@pytest.mark.django_db
def test_id_token_of_another_client(issuer):
    assert log_in(issuer.token(aud="another")).status_code == 403


@pytest.mark.django_db
def test_id_token_without_names_where_the_issuer_can_be_asked_for_them(issuer):
    """The first request brings the token that may ask."""
    assert log_in(issuer.token(aud="Frontend", email=None, given_name=None)).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db
def test_id_token_without_names_where_nobody_can_be_asked(issuer):
    del issuer.metadata["userinfo_endpoint"]
    answer = log_in(issuer.token(aud="Frontend", email=None, given_name=None))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_claims")
    assert answer.json()["message"] == "Some required attributes are missing or malformed: email, given_name"
