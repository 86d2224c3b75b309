"""What no client sends and every scanner does: refused in OAuth's words, on PostgreSQL too, which stores no NUL."""

import base64
import json

import pytest
from django.test import Client as Browser
from oauth2_provider.models import Grant

from tests.sweeps import sweep
from tests.users.relying_party import AFTER_LOGOUT, RelyingParty, answer_parameters, make_person
from users.provider.clients import ensure_clients

CHALLENGE_TOO_LONG = "x" * 129  # the column has 128


@pytest.fixture(autouse=True)
def party(db):
    ensure_clients()
    make_person()
    party = RelyingParty()
    party.code()
    Grant.objects.all().delete()
    return party


@sweep(
    "parameters",
    [
        {"nonce": "a\0b"},
        {"nonce": "n" * 256},
        {"code_challenge": ""},
        {"code_challenge": "x" * 42},
        {"code_challenge": CHALLENGE_TOO_LONG},
        {"code_challenge": "\0" * 43},
        {"code_challenge": "+" * 43},
        {"max_age": "-1"},
        {"max_age": "soon"},
        {"max_age": "9" * 5000},
    ],
    ids=str,
    fast=5,
)
def test_bad_parameter_gets_no_code(party, parameters):
    answer = answer_parameters(party.authorize(state="s", **parameters))
    (name,) = parameters
    assert (answer["error"], answer["state"]) == ("invalid_request", "s")
    assert name in answer["error_description"]
    assert not Grant.objects.exists()


@pytest.mark.parametrize("nonce", ["n" * 255, "ü ✓"])
def test_nonce_of_the_longest_length_and_any_script_is_taken(party, nonce):
    assert "code" in answer_parameters(party.authorize(nonce=nonce))


def test_consent_form_is_checked_too(party):
    fields = {"client_id": "Frontend", "redirect_uri": "http://127.0.0.1:8000/auth/callback", "response_type": "code"}
    fields |= {"scope": "openid", "nonce": "n" * 256, "allow": "true", "code_challenge": "x" * 43}
    answer = party.browser.post("/oidc/authorize/", fields | {"code_challenge_method": "S256"})
    assert answer_parameters(answer)["error"] == "invalid_request"


def test_nul_in_a_client_id_is_an_unknown_client(party):
    answer = party.authorize(client_id="Front\0end")
    assert answer.status_code == 400
    assert "invalid_client_id" in answer.content.decode() or "invalid_request" in answer.content.decode()
    assert party.logout(client_id="Front\0end", post_logout_redirect_uri=AFTER_LOGOUT).status_code == 400


@pytest.mark.parametrize("field", ["code", "client_id", "code_verifier", "redirect_uri", "client_secret", "scope"])
def test_nul_in_a_field_is_an_invalid_request(party, field):
    fields = {"grant_type": "authorization_code", "client_id": "Frontend", "code": party.code()}
    answer = Browser().post("/oidc/token/", fields | {field: "a\0b"})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_nul_in_a_basic_name_is_an_unknown_client():
    basic = base64.b64encode(b"re\0corder:secret").decode()
    for path in ("/oidc/token/", "/oidc/revoke_token/"):
        fields = {"grant_type": "client_credentials", "token": "x"}
        answer = Browser().post(path, fields, headers={"Authorization": f"Basic {basic}"})
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


@pytest.mark.parametrize("fields", [{"token": "a\0b"}, {"token": "x", "client_id": "a\0b"}])
def test_nul_in_a_revocation_ends_in_no_error_of_ours(fields):
    assert Browser().post("/oidc/revoke_token/", {"client_id": "Frontend"} | fields).status_code in {200, 401}


@pytest.mark.parametrize("audience", ["a\0b", ["Frontend", "a\0b"], ["a\0b", 5], {"a\0b": 1}])
def test_nul_in_the_audience_of_an_id_token_still_signs_out(party, audience):
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, {"aud": audience}, "")]
    hint = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
    assert (answer.status_code, answer.url) == (302, AFTER_LOGOUT)
