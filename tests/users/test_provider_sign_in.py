"""Authorization code with PKCE through the real login page, and the three tokens that come of it."""

import jwt
import pytest
import time_machine

from tests.factories import PASSWORD
from tests.users.relying_party import VERIFIER, RelyingParty, answer_parameters, make_person, read, unverified
from users.models import User
from users.provider.clients import ensure_clients


@pytest.fixture(autouse=True)
def frontend(db):
    ensure_clients()


@pytest.fixture
def alice(frontend):
    return make_person(language="de-DE", time_zone="Europe/Berlin")


def test_stranger_is_sent_to_the_login_page_and_back(alice):
    party = RelyingParty()
    first = party.authorize(state="s1")
    assert first.url.startswith("/login/?next=/oidc/authorize/")
    second = party.submit_login(first.url, "alice", PASSWORD)
    assert second.url.startswith("/oidc/authorize/?")
    parameters = answer_parameters(party.browser.get(second.url))
    assert parameters["state"] == "s1"
    assert parameters["iss"] == "http://127.0.0.1:8000/oidc"
    assert party.exchange(parameters["code"]).status_code == 200


def test_token_answer_has_what_the_frontend_needs(alice):
    tokens = RelyingParty().sign_in()
    assert set(tokens) == {"access_token", "refresh_token", "id_token", "expires_in", "token_type", "scope"}
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 300, "openid profile email")


@time_machine.travel("2026-11-23T09:00:00Z", tick=False)
def test_access_token_names_the_person(alice):
    claims = read(RelyingParty().sign_in()["access_token"], "opentalk")
    assert claims.pop("jti")
    assert claims == {
        "iss": "http://127.0.0.1:8000/oidc",
        "sub": str(alice.pk),
        "aud": "opentalk",
        "azp": "Frontend",
        "iat": 1795424400,
        "exp": 1795424700,
        "scope": "openid profile email",
        "email": "alice@example.com",
        "given_name": "Alice",
        "family_name": "Adams",
        "name": "Alice Adams",
        "preferred_username": "alice",
        "tenant_id": "OpenTalkDefaultTenant",
        "locale": "de-DE",
        "zoneinfo": "Europe/Berlin",
    }


def test_access_token_says_what_it_is_in_its_header(alice):
    tokens = RelyingParty().sign_in()
    header = jwt.get_unverified_header(tokens["access_token"])
    assert header["typ"] == "at+jwt"
    assert header["kid"] == jwt.get_unverified_header(tokens["id_token"])["kid"]


@time_machine.travel("2026-11-23T09:00:00Z", tick=False)
def test_id_token_is_for_the_client(alice):
    claims = read(RelyingParty().sign_in()["id_token"], "Frontend")
    for name in ("jti", "sid", "at_hash"):
        assert claims.pop(name)
    assert claims == {
        "iss": "http://127.0.0.1:8000/oidc",
        "sub": str(alice.pk),
        "aud": "Frontend",
        "iat": 1795424400,
        "exp": 1795424700,
        "auth_time": 1795424400,
        "email": "alice@example.com",
        "email_verified": True,
        "given_name": "Alice",
        "family_name": "Adams",
        "name": "Alice Adams",
        "preferred_username": "alice",
        "tenant_id": "OpenTalkDefaultTenant",
        "locale": "de-DE",
        "zoneinfo": "Europe/Berlin",
    }


def test_optional_claims_appear_only_when_set(frontend):
    make_person("bob", display_name="Bobby", avatar_url="https://example.com/bob.png")
    claims = read(RelyingParty().sign_in("bob")["id_token"], "Frontend")
    assert (claims["nickname"], claims["picture"]) == ("Bobby", "https://example.com/bob.png")
    assert "zoneinfo" not in claims


def test_subject_of_an_earlier_issuer_is_kept(frontend):
    make_person(oidc_sub="earlier-subject")
    tokens = RelyingParty().sign_in()
    assert read(tokens["access_token"], "opentalk")["sub"] == "earlier-subject"
    assert read(tokens["id_token"], "Frontend")["sub"] == "earlier-subject"


def test_refresh_token_expires_and_does_not_pass_as_an_access_token(alice):
    tokens = RelyingParty().sign_in()
    assert unverified(tokens["refresh_token"])["exp"] > unverified(tokens["access_token"])["exp"]
    assert jwt.get_unverified_header(tokens["refresh_token"]) == {"alg": "HS256", "typ": "JWT"}


@pytest.mark.slow
@time_machine.travel("2026-11-23T09:00:00Z", tick=False)
def test_two_sign_ins_in_one_second_get_different_tokens(alice):
    first, second = RelyingParty().sign_in(), RelyingParty().sign_in()
    assert first["access_token"] != second["access_token"]
    assert first["refresh_token"] != second["refresh_token"]


def test_userinfo_gives_the_claims_of_the_id_token(alice):
    party = RelyingParty()
    tokens = party.sign_in()
    answer = party.browser.get("/oidc/userinfo/", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answer.status_code == 200
    expected = read(tokens["id_token"], "Frontend")
    assert answer.json() == {name: expected[name] for name in answer.json()}
    assert {"sub", "email", "given_name", "family_name", "locale"} <= set(answer.json())


def test_id_token_is_no_access_token_for_userinfo(alice):
    party = RelyingParty()
    bearer = {"Authorization": f"Bearer {party.sign_in()['id_token']}"}
    assert party.browser.get("/oidc/userinfo/", headers=bearer).status_code == 401


def test_disabled_person_gets_no_user_information(alice):
    party = RelyingParty()
    bearer = {"Authorization": f"Bearer {party.sign_in()['access_token']}"}
    User.objects.filter(pk=alice.pk).update(disabled_since="2026-11-23T09:00:00Z")
    assert party.browser.get("/oidc/userinfo/", headers=bearer).status_code == 401


def test_second_authorization_needs_no_second_login(alice):
    party = RelyingParty()
    party.sign_in()
    assert "code" in answer_parameters(party.authorize())


def test_prompt_login_asks_again(alice):
    party = RelyingParty()
    party.sign_in()
    answer = party.authorize(prompt="login")
    assert answer.url.startswith("/login/")
    assert "prompt" not in answer.url


@pytest.mark.slow
def test_code_works_once(alice):
    party = RelyingParty()
    code = party.code()
    assert party.exchange(code).status_code == 200
    assert party.exchange(code).json()["error"] == "invalid_grant"


def test_code_needs_the_right_verifier(alice):
    party = RelyingParty()
    assert party.exchange(party.code(), code_verifier="w" * 64).json()["error"] == "invalid_grant"


def test_code_of_a_person_disabled_meanwhile_is_refused(alice):
    party = RelyingParty()
    code = party.code()
    User.objects.filter(pk=alice.pk).update(disabled_since="2026-11-23T09:00:00Z")
    assert party.exchange(code, code_verifier=VERIFIER).json()["error"] == "invalid_grant"


@pytest.mark.slow
@pytest.mark.parametrize("resource", ["https://api.example.com", "http://["])
def test_wish_for_another_audience_is_passed_over(alice, resource):
    party = RelyingParty()
    party.sign_in()
    code = answer_parameters(party.authorize(resource=resource))["code"]
    tokens = party.exchange(code, resource=resource).json()
    assert read(tokens["access_token"], "opentalk")["aud"] == "opentalk"


def test_unknown_redirect_address_shows_a_page_and_redirects_nowhere(alice):
    party = RelyingParty()
    party.sign_in()
    answer = party.authorize(redirect_uri="https://evil.example.com/")
    assert answer.status_code == 400
    assert "pages/authorize.html" in [template.name for template in answer.templates]
    assert "invalid_request" in answer.content.decode()
