"""What programs learn about the provider without signing in, and how it refuses them."""

from urllib.parse import urlsplit

import jwt
import pytest
from django.test import Client as Browser
from django.urls import resolve

from tests.users.relying_party import REDIRECT_URI, VERIFIER, RelyingParty, answer_parameters, make_person
from users.provider import urls
from users.provider.clients import ensure_clients
from users.provider.scopes import EVENTS_READ, WEBHOOKS_READ, WEBHOOKS_WRITE

ELSEWHERE = {"Origin": "https://meet.example.com"}


@pytest.fixture(autouse=True)
def frontend(db):
    ensure_clients()


def test_discovery_document():
    document = Browser().get("/oidc/.well-known/openid-configuration").json()
    document["claims_supported"].sort()
    base = "http://127.0.0.1:8000/oidc"
    assert document == {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize/",
        "token_endpoint": f"{base}/token/",
        "userinfo_endpoint": f"{base}/userinfo/",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "end_session_endpoint": f"{base}/logout/",
        "revocation_endpoint": f"{base}/revoke_token/",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "scopes_supported": ["openid", "profile", "email", EVENTS_READ, WEBHOOKS_READ, WEBHOOKS_WRITE],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": [
            "email",
            "email_verified",
            "family_name",
            "given_name",
            "locale",
            "name",
            "nickname",
            "picture",
            "preferred_username",
            "sub",
            "tenant_id",
            "zoneinfo",
        ],
        "prompt_values_supported": ["none", "login"],
        "client_id_metadata_document_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }


def test_published_addresses_are_served_with_and_without_their_slash():
    document = Browser().get("/oidc/.well-known/openid-configuration").json()
    published = {urlsplit(url).path for name, url in document.items() if name.endswith(("_endpoint", "_uri"))}
    assert published == {f"/oidc/{route.pattern}" for route in urls.urlpatterns if route.name} - {
        "/oidc/.well-known/openid-configuration"
    }
    for path in published:
        assert resolve(path).func.view_class is resolve(path.rstrip("/")).func.view_class


@pytest.mark.slow
def test_token_endpoint_without_its_slash_gives_tokens():
    make_person()
    fields = {"grant_type": "authorization_code", "client_id": "Frontend", "code": RelyingParty().code()}
    fields |= {"redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    answer = Browser().post("/oidc/token", fields, headers=ELSEWHERE)
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")


def test_jwks_publishes_public_keys_only():
    (key,) = Browser().get("/oidc/.well-known/jwks.json").json()["keys"]
    assert set(key) == {"alg", "use", "kid", "kty", "n", "e"}
    assert (key["alg"], key["use"]) == ("RS256", "sig")
    assert jwt.PyJWK(key).key.key_size >= 2048


@pytest.mark.parametrize("path", ["/oidc/.well-known/openid-configuration", "/oidc/.well-known/jwks.json"])
def test_other_origins_may_read_the_documents(path):
    assert Browser().get(path, headers=ELSEWHERE)["Access-Control-Allow-Origin"] == "*"


def test_other_origins_may_read_a_refusal_too():
    answer = RelyingParty().refresh("garbage")
    assert answer.status_code == 400
    assert answer["Access-Control-Allow-Origin"] == "*"
    userinfo = Browser().get("/oidc/userinfo/", headers=ELSEWHERE)
    assert (userinfo.status_code, userinfo["Access-Control-Allow-Origin"]) == (401, "*")


def test_preflight_is_answered():
    headers = ELSEWHERE | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = Browser().options("/oidc/token/", headers=headers)
    assert answer.status_code == 200
    assert "authorization" in answer["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_prompt_none_is_answered_login_required(is_signed_in):
    make_person()
    party = RelyingParty()
    if is_signed_in:
        party.sign_in()
    assert answer_parameters(party.authorize(prompt="none", state="s"))["error"] == "login_required"


@pytest.mark.slow
def test_missing_challenge_is_refused():
    make_person()
    party = RelyingParty()
    party.sign_in()
    answer = party.authorize(code_challenge=None, code_challenge_method=None)
    assert answer_parameters(answer)["error"] == "invalid_request"


@pytest.mark.slow
def test_plain_challenge_is_refused():
    make_person()
    party = RelyingParty()
    party.sign_in()
    answer = party.authorize(code_challenge="x" * 64, code_challenge_method="plain")
    assert answer_parameters(answer)["error"] == "invalid_request"


@pytest.mark.slow
@pytest.mark.parametrize("response_type", ["token", "id_token", "code token"])
def test_implicit_grant_is_refused(response_type):
    make_person()
    party = RelyingParty()
    party.sign_in()
    answer = party.authorize(response_type=response_type)
    assert answer.status_code == 302
    assert "error=" in answer.url
    assert "access_token" not in answer.url


@pytest.mark.parametrize("grant_type", ["password", "urn:ietf:params:oauth:grant-type:device_code", "unheard-of", ""])
def test_other_grants_are_refused(grant_type):
    make_person()
    assert RelyingParty().token(grant_type, username="alice", password="x").status_code == 400


@pytest.mark.parametrize("name", ["introspect/", "device-authorization/", "applications/", "register/"])
def test_what_nobody_needs_is_not_served(name):
    assert Browser().get(f"/oidc/{name}").status_code == 404
