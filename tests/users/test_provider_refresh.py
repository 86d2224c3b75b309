"""Rotation of refresh tokens: two tabs share one, a thief who replays one ends the session."""

import pytest
import time_machine
from oauth2_provider.models import RefreshToken

from tests.users.relying_party import RelyingParty, make_person, read
from users.models import User
from users.provider.clients import ensure_clients

START = "2026-11-23T09:00:00Z"


@pytest.fixture
def alice(db):
    ensure_clients()
    return make_person()


@pytest.mark.slow
def test_refresh_gives_three_new_tokens(alice):
    party = RelyingParty()
    old = party.sign_in()
    new = party.refresh(old["refresh_token"]).json()
    for name in ("access_token", "refresh_token", "id_token"):
        assert new[name] != old[name]
    assert read(new["access_token"], "opentalk")["sub"] == str(alice.pk)


@pytest.mark.slow
def test_refresh_keeps_the_session(alice):
    party = RelyingParty()
    old = party.sign_in()
    new = party.refresh(old["refresh_token"]).json()
    session = read(old["id_token"], "Frontend")["sid"]
    assert read(new["id_token"], "Frontend")["sid"] == session
    assert {str(family) for family in RefreshToken.objects.values_list("token_family", flat=True)} == {session}


@pytest.mark.slow
def test_second_tab_gets_the_same_tokens_within_the_grace_period(alice):
    party = RelyingParty()
    with time_machine.travel(START, tick=False) as clock:
        old = party.sign_in()
        first = party.refresh(old["refresh_token"]).json()
        clock.shift(80)
        second = party.refresh(old["refresh_token"]).json()
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] == first["access_token"]


@pytest.mark.slow
def test_replay_after_the_grace_period_ends_the_session(alice):
    party = RelyingParty()
    with time_machine.travel(START, tick=False) as clock:
        old = party.sign_in()
        new = party.refresh(old["refresh_token"]).json()
        clock.shift(100)
        assert party.refresh(old["refresh_token"]).json()["error"] == "invalid_grant"
        assert party.refresh(new["refresh_token"]).json()["error"] == "invalid_grant"
    assert not RefreshToken.objects.filter(revoked=None).exists()


@pytest.mark.slow
def test_replay_of_the_last_but_one_ends_the_session_at_once(alice):
    party = RelyingParty()
    first = party.sign_in()
    second = party.refresh(first["refresh_token"]).json()
    third = party.refresh(second["refresh_token"]).json()
    assert party.refresh(first["refresh_token"]).status_code == 400
    assert party.refresh(third["refresh_token"]).status_code == 400


@pytest.mark.slow
def test_replay_leaves_other_devices_signed_in(alice):
    party, phone = RelyingParty(), RelyingParty()
    with time_machine.travel(START, tick=False) as clock:
        old, other = party.sign_in(), phone.sign_in()
        party.refresh(old["refresh_token"])
        clock.shift(100)
        assert party.refresh(old["refresh_token"]).status_code == 400
        assert phone.refresh(other["refresh_token"]).status_code == 200


def test_refresh_token_dies_after_30_idle_days(alice):
    party = RelyingParty()
    with time_machine.travel(START, tick=False) as clock:
        tokens = party.sign_in()
        clock.shift(30 * 24 * 3600 + 300)
        assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_disabled_user_cannot_refresh(alice):
    party = RelyingParty()
    tokens = party.sign_in()
    User.objects.filter(pk=alice.pk).update(disabled_since=START)
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_revoked_refresh_token_is_refused(alice):
    party = RelyingParty()
    tokens = party.sign_in()
    fields = {"token": tokens["refresh_token"], "client_id": "Frontend"}
    assert party.browser.post("/oidc/revoke_token/", fields).status_code == 200
    assert party.refresh(tokens["refresh_token"]).status_code == 400


def test_garbage_is_no_refresh_token(alice):
    assert RelyingParty().refresh("a.b.c").json()["error"] == "invalid_grant"
