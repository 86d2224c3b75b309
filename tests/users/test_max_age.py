"""`max_age`: how long ago the person may have signed in at most (OpenID Connect Core 3.1.2.1)."""

import pytest
import time_machine

from tests.factories import PASSWORD
from tests.sweeps import sweep
from tests.users.relying_party import RelyingParty, answer_parameters, make_person, read
from users.provider.clients import ensure_clients

START = "2026-11-23T09:00:00Z"


@pytest.fixture
def party(db):
    ensure_clients()
    make_person()
    return RelyingParty()


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.mark.slow
@pytest.mark.parametrize(("seconds", "asks"), [(60, False), (61, True)])
def test_older_sign_in_is_asked_for_again(party, clock, seconds, asks):
    party.sign_in()
    clock.shift(seconds)
    assert party.authorize(max_age="60").url.startswith("/login/") is asks


@pytest.mark.slow
@sweep("was_signed_in", [False, True], fast=1)
@pytest.mark.parametrize("max_age", ["0", "1", "60"])
def test_one_sign_in_is_enough(party, clock, was_signed_in, max_age):
    if was_signed_in:
        party.sign_in()
    clock.shift(1000)
    page = party.authorize(max_age=max_age, state="s").url
    assert page.startswith("/login/")
    back = party.submit_login(page, "alice", PASSWORD).url
    clock.shift(5)
    answer = answer_parameters(party.browser.get(back))
    assert answer["state"] == "s"
    tokens = party.exchange(answer["code"]).json()
    assert read(tokens["id_token"], "Frontend")["auth_time"] == 1795424400 + 1000


@pytest.mark.slow
def test_zero_asks_at_once(party, clock):
    party.sign_in()
    assert party.authorize(max_age="0").url.startswith("/login/")


@pytest.mark.slow
def test_sign_in_on_another_device_does_not_count(party, clock):
    party.sign_in()
    clock.shift(1000)
    RelyingParty().sign_in()
    assert party.authorize(max_age="60").url.startswith("/login/")


def test_prompt_none_shows_no_page(party, clock):
    party.sign_in()
    clock.shift(1000)
    assert answer_parameters(party.authorize(max_age="60", prompt="none"))["error"] == "login_required"
