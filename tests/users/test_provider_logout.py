"""Sign-out at the provider: this browser and its token family, no other device, and never a dead end."""

import pytest
from oauth2_provider.models import IDToken

from tests.sweeps import sweep
from tests.users.relying_party import AFTER_LOGOUT, RelyingParty, make_person
from users.provider.clients import ensure_clients


@pytest.fixture
def alice(db):
    ensure_clients()
    return make_person()


@pytest.fixture
def party(alice):
    return RelyingParty()


@pytest.mark.slow
def test_logout_ends_the_session_and_returns(party):
    tokens = party.sign_in()
    answer = party.logout(client_id="Frontend", id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER_LOGOUT)
    assert (answer.status_code, answer.url) == (302, AFTER_LOGOUT)
    assert not party.is_signed_in
    assert party.refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.slow
def test_logout_leaves_other_devices_signed_in(party):
    phone = RelyingParty()
    tokens, other = party.sign_in(), phone.sign_in()
    party.logout(client_id="Frontend", id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER_LOGOUT)
    assert phone.refresh(other["refresh_token"]).status_code == 200
    assert phone.is_signed_in


@pytest.mark.slow
def test_logout_by_an_older_id_token_ends_the_refreshed_session(party):
    old = party.sign_in()
    new = party.refresh(old["refresh_token"]).json()
    party.logout(client_id="Frontend", id_token_hint=old["id_token"], post_logout_redirect_uri=AFTER_LOGOUT)
    assert party.refresh(new["refresh_token"]).status_code == 400


@pytest.mark.slow
def test_logout_of_the_tab_that_refreshed_second_ends_the_session(party):
    old = party.sign_in()
    new = party.refresh(old["refresh_token"]).json()
    second_tab = party.refresh(old["refresh_token"]).json()
    party.logout(client_id="Frontend", id_token_hint=second_tab["id_token"], post_logout_redirect_uri=AFTER_LOGOUT)
    assert party.refresh(new["refresh_token"]).status_code == 400


@pytest.mark.slow
def test_state_comes_back(party):
    hint = party.sign_in()["id_token"]
    answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT, state="s 1")
    assert answer.url == f"{AFTER_LOGOUT}?state=s+1"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/dashboard/meetings/1", "/room/x?invite=y"])
def test_any_page_of_the_frontend_may_be_returned_to(party, path):
    hint = party.sign_in()["id_token"]
    uri = f"http://127.0.0.1:8000{path}"
    answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=uri)
    assert answer.url == uri


@sweep(
    "uri",
    [
        "https://evil.example.com/dashboard",
        "http://127.0.0.1:8000.evil.example.com/",
        "http://127.0.0.1:8000@evil.example.com/",
        "http://evil.example.com\\@127.0.0.1:8000/",
        "https://127.0.0.1:8000/dashboard",
        "http://[::1/dashboard",
        "javascript:alert(1)",
        "//evil.example.com/",
    ],
    fast=3,
)
def test_no_other_host_may_be_returned_to(party, uri):
    hint = party.sign_in()["id_token"]
    answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=uri)
    assert answer.status_code == 400
    assert party.is_signed_in


@pytest.mark.slow
def test_unknown_id_token_still_signs_out(party):
    hint = party.sign_in()["id_token"]
    IDToken.objects.all().update(jti="00000000-0000-0000-0000-000000000000")
    answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
    assert answer.url == AFTER_LOGOUT
    assert not party.is_signed_in


@pytest.mark.slow
@pytest.mark.parametrize("hint", ["garbage", "e30.bm90anNvbg.AAAA", "e30.eyJhdWQiOiA1fQ.AAAA", '{"payload":"e30"}'])
def test_garbage_as_id_token_still_signs_out(party, hint):
    party.sign_in()
    answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
    assert answer.url == AFTER_LOGOUT
    assert not party.is_signed_in


def test_garbage_as_id_token_does_not_redirect_to_other_hosts(party):
    party.sign_in()
    answer = party.logout(client_id="Frontend", id_token_hint="garbage", post_logout_redirect_uri="https://evil.test/")
    assert answer.status_code == 400
    assert party.is_signed_in


@pytest.mark.slow
def test_second_tab_can_log_out_after_the_first(party):
    hint = party.sign_in()["id_token"]
    for _tab in range(2):
        answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
        assert answer.url == AFTER_LOGOUT


def test_unknown_client_is_told_so(party):
    party.sign_in()
    answer = party.logout(client_id="nobody", post_logout_redirect_uri=AFTER_LOGOUT)
    assert answer.status_code == 400


@pytest.mark.slow
def test_without_id_token_the_person_is_asked(party):
    party.sign_in()
    page = party.logout()
    assert (page.status_code, party.is_signed_in) == (200, True)
    answer = party.browser.post("/oidc/logout/", {"allow": "true"})
    assert answer.url == "/login/"
    assert not party.is_signed_in
