"""The clients every installation has, and services that sign in as themselves."""

import base64

import pytest
from django.test import Client as Browser

from tests.users.relying_party import make_service, read
from users.models import Client
from users.provider.clients import ensure_clients

pytestmark = pytest.mark.django_db
SECRET = "a long secret of the recorder"


def request_token(client_id="recorder", secret=SECRET, **fields):
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    fields = {"grant_type": "client_credentials"} | fields
    return Browser().post("/oidc/token/", fields, headers={"Authorization": f"Basic {basic}"})


def test_service_token_names_the_client_and_its_roles():
    make_service(SECRET, "opentalk-recorder", "opentalk-call-in")
    answer = request_token()
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "token_type", "scope"}
    claims = read(answer.json()["access_token"], "opentalk")
    assert set(claims) == {"iss", "sub", "aud", "azp", "iat", "exp", "jti", "scope", "realm_access"}
    assert (claims["sub"], claims["azp"], claims["scope"]) == ("recorder", "recorder", "")
    assert claims["realm_access"] == {"roles": ["opentalk-recorder", "opentalk-call-in"]}


def test_service_may_send_its_secret_in_the_body():
    make_service(SECRET)
    fields = {"grant_type": "client_credentials", "client_id": "recorder", "client_secret": SECRET}
    assert Browser().post("/oidc/token/", fields).status_code == 200


def test_wrong_secret_is_refused():
    make_service(SECRET)
    answer = request_token(secret="wrong")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_public_client_gets_no_token_of_its_own():
    ensure_clients()
    answer = Browser().post("/oidc/token/", {"grant_type": "client_credentials", "client_id": "Frontend"})
    assert (answer.status_code, "access_token" in answer.json()) == (401, False)


def test_service_token_gives_no_user_information():
    make_service(SECRET)
    token = request_token(scope="openid").json()["access_token"]
    answer = Browser().get("/oidc/userinfo/", headers={"Authorization": f"Bearer {token}"})
    assert 400 <= answer.status_code < 500


def test_clients_are_what_the_settings_say(settings):
    settings.FRONTEND_URL = "https://meet.example.com"
    ensure_clients()
    frontend, docs = Client.objects.get(client_id="Frontend"), Client.objects.get(client_id="ApiDocs")
    assert frontend.redirect_uris.split() == [
        "https://meet.example.com/auth/callback",
        "https://meet.example.com/auth/popup_callback",
    ]
    assert frontend.post_logout_redirect_uris == "https://meet.example.com/dashboard"
    assert docs.redirect_uris == "http://127.0.0.1:8000/v1/docs/oauth2-redirect.html"
    for client in (frontend, docs):
        assert (client.client_type, client.algorithm, client.skip_authorization) == ("public", "RS256", True)


def test_second_run_changes_nothing(django_assert_num_queries):
    ensure_clients()
    before = list(Client.objects.order_by("pk").values())
    with django_assert_num_queries(2):
        ensure_clients()
    assert list(Client.objects.order_by("pk").values()) == before


def test_changed_address_replaces_the_old_one(settings):
    ensure_clients()
    settings.FRONTEND_URL = "https://meet.example.com"
    ensure_clients()
    assert "127.0.0.1" not in Client.objects.get(client_id="Frontend").redirect_uris
    assert Client.objects.count() == 2
