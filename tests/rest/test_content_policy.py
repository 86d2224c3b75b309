"""The Content-Security-Policy of each kind of answer."""

import pytest
from django.test import Client as Browser

from tests.users.relying_party import make_person
from users.models import Client
from users.provider.clients import ensure_clients

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.fixture
def frontend(db, settings):
    settings.FRONTEND_URL = "https://meet.example.com"
    ensure_clients()


@pytest.mark.parametrize("path", ["/", "/nowhere", "/v1/events", "/v1/docs/oauth2-redirect.html"])
def test_answer_allows_nothing_but_own_files(db, path):
    assert Browser().get(path)["Content-Security-Policy"] == STRICT


def test_admin_does_too(db):
    browser = Browser()
    browser.force_login(make_person(is_staff=True))
    assert browser.get("/admin/")["Content-Security-Policy"] == STRICT


@pytest.mark.parametrize("path", ["/login/", "/oidc/logout/"])
def test_form_that_ends_at_a_client_may_lead_there(frontend, path):
    Client.objects.create(client_id="native", redirect_uris="http://127.0.0.1/callback")
    browser = Browser()
    browser.force_login(make_person())
    assert browser.get(path)["Content-Security-Policy"] == STRICT.replace(
        "form-action 'self'", "form-action 'self' http://127.0.0.1:* https://meet.example.com"
    )


def test_documentation_has_its_icons_and_may_ask_an_issuer_elsewhere(settings):
    own = STRICT.replace("img-src 'self'", "img-src 'self' data:")
    assert Browser().get("/v1/docs")["Content-Security-Policy"] == own
    settings.OIDC_ISSUER, settings.OIDC_IS_EMBEDDED = "https://login.example.com/realms/opentalk", False
    policy = Browser().get("/v1/docs")["Content-Security-Policy"]
    assert policy == own.replace("connect-src 'self'", "connect-src 'self' https://login.example.com")


def test_answer_with_a_policy_of_its_own_keeps_it(db):
    assert Browser().get("/v1/avatars/a")["Content-Security-Policy"] == "default-src 'none'"


def test_debug_page_is_readable(db, settings):
    settings.DEBUG = True
    assert "Content-Security-Policy" not in Browser().get("/nowhere")
