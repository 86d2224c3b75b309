"""Sign-in with an identity provider that nobody here wrote: npm's oidc-provider, in its own process."""

from urllib.parse import parse_qs

import jwt
import pytest
from django.conf import settings
from django.test import Client as Browser

from tests import factories
from tests.api import Api
from tests.local_server import LocalServer, Reply
from tests.users.issuer import ask
from tests.users.second_provider import Person, SecondProvider, need_packages
from users.models import User

pytestmark = [pytest.mark.service, pytest.mark.django_db]


@pytest.fixture(scope="module")
def logouts():
    """Where the provider sends its logout tokens."""
    with LocalServer() as running:
        running.on("/logout", Reply())
        yield running


@pytest.fixture(scope="module")
def running_provider(logouts):
    need_packages()
    with SecondProvider(logouts.url + "/logout") as running:
        yield running


@pytest.fixture
def provider(running_provider, settings):
    settings.OIDC_ISSUER = running_provider.url
    settings.OIDC_IS_EMBEDDED = False
    settings.OIDC_DISCOVERY_URL = f"{running_provider.url}/.well-known/openid-configuration"
    settings.DIRECTORY = "none"
    return running_provider


def test_person_signs_in_and_uses_the_api(provider):
    tokens = Person(provider, "dora").sign_in()
    assert Api().post("/v1/auth/login", {"id_token": tokens["id_token"]}).status_code == 200
    me = ask(tokens["access_token"]).json()
    assert (me["email"], me["display_name"], me["language"]) == ("dora@example.org", "dora Second", "de")
    assert User.objects.get().oidc_sub == "dora"


def test_refreshed_tokens_are_the_same_persons(provider):
    dora = Person(provider, "dora")
    tokens = dora.sign_in()
    first = ask(tokens["access_token"]).json()["id"]
    assert ask(dora.refresh(tokens)["access_token"]).json()["id"] == first


def test_two_people_are_two_users(provider):
    for name in ("dora", "erin"):
        assert ask(Person(provider, name).sign_in()["access_token"]).status_code == 200
    assert sorted(User.objects.values_list("email", flat=True)) == ["dora@example.org", "erin@example.org"]


def test_id_token_opens_nothing(provider):
    assert ask(Person(provider, "dora").sign_in()["id_token"]).status_code == 403


def test_token_that_was_changed(provider):
    header, payload, signature = Person(provider, "dora").sign_in()["access_token"].split(".")
    assert ask(f"{header}.{payload}.{signature[::-1]}").status_code == 401


def test_person_without_names(provider):
    """This provider gives no user information for tokens of another audience, so nobody can be asked."""
    answer = ask(Person(provider, "nameless").sign_in()["access_token"])
    assert answer.status_code == 403


def test_sign_out_there_ends_the_session_here(provider, logouts):
    dora = Person(provider, "dora")
    tokens = dora.sign_in()
    assert ask(tokens["access_token"]).status_code == 200
    dora.sign_out(tokens)
    asked = logouts.asked[-1]
    sent = parse_qs(asked.body.decode())["logout_token"][0]
    assert jwt.get_unverified_header(sent)["typ"] == "logout+jwt"
    answer = Browser().post("/v1/auth/logout", asked.body, content_type=asked.headers["Content-Type"])
    assert answer.status_code == 200
    assert ask(tokens["access_token"]).status_code == 401


@pytest.fixture
def for_staff(provider, settings):
    """Dora is staff here, and signs in there."""
    settings.STAFF_OIDC_CLIENT_ID, settings.STAFF_OIDC_CLIENT_SECRET = "staff", "of the tests, and :odd"
    factories.user("dora", is_staff=True)
    User.objects.filter(username="dora").update(oidc_sub="dora")
    return provider


def enter(browser, dora):
    began = browser.get("/login/provider/?next=/login/second-factor/set-up/").url
    came = dora.approve(began, f"{settings.BASE_URL}/login/provider/return/")
    return browser.get(came.removeprefix(settings.BASE_URL))


def test_staff_sign_in_and_out(for_staff):
    dora, browser = Person(for_staff, "dora"), Browser()
    assert enter(browser, dora).url == "/login/second-factor/set-up/"
    assert browser.get("/admin/").status_code == 200
    left = browser.post("/admin/logout/")["Refresh"].removeprefix("0; url=")
    assert browser.get("/admin/").status_code == 302
    assert dora.confirm(left) == f"{settings.BASE_URL}/login/"


def test_staff_who_sign_out_there_are_out_here(for_staff, logouts):
    dora, browser = Person(for_staff, "dora"), Browser()
    enter(browser, dora)
    dora.confirm(f"{for_staff.url}/session/end")
    asked = logouts.asked[-1]
    assert Browser().post("/v1/auth/logout", asked.body, content_type=asked.headers["Content-Type"]).status_code == 200
    assert browser.get("/admin/").status_code == 302


def test_answer_of_the_provider_is_good_for_one_browser_once(for_staff):
    dora, browser = Person(for_staff, "dora"), Browser()
    began = browser.get("/login/provider/").url
    came = dora.approve(began, f"{settings.BASE_URL}/login/provider/return/").removeprefix(settings.BASE_URL)
    assert [who.get(came).status_code for who in (Browser(), browser, browser)] == [400, 302, 400]


def test_provider_that_starts_anew_with_other_keys(logouts, settings, clock):
    need_packages()
    with SecondProvider(logouts.url + "/logout") as first:
        settings.OIDC_ISSUER, settings.OIDC_IS_EMBEDDED, settings.DIRECTORY = first.url, False, "none"
        settings.OIDC_DISCOVERY_URL = f"{first.url}/.well-known/openid-configuration"
        old = Person(first, "dora").sign_in()["access_token"]
        assert ask(old).status_code == 200
    clock.shift(6)
    with SecondProvider(first.logout_uri, first.port) as second:
        assert ask(Person(second, "dora").sign_in()["access_token"]).status_code == 200
        assert ask(old).status_code == 200  # checked before, and it lives five minutes at most
