"""Staff sign in at the identity provider: who gets in, what is checked of the answer, and what the others are told."""

import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import time_machine
from django.test import Client as Browser

from tests.staff.holding import browser_of
from tests.traces import Traces
from tests.users.staff_issuer import CLIENT, RETURN, Window, told
from users.models import Tenant, User

pytestmark = pytest.mark.django_db


# --- who gets in ---


def test_staff_get_in_and_where_they_wanted_to(boss, window):
    traces = Traces()
    answer = window.sign_in()
    assert (answer.status_code, answer.url) == (302, "/admin/users/user/")
    assert window.is_in
    (activity,) = traces.log()
    assert (activity.kind, activity.data) == ("user.signed_in", {"how": "identity_provider"})
    assert traces.activities() == [("user.signed_in", ["boss"])]


def test_request_names_what_protects_it_and_no_more_than_is_needed(boss, window, settings):
    query = parse_qs(urlsplit(window.begin()).query)
    assert query.pop("scope") == ["openid email"]
    assert query.pop("redirect_uri") == [f"{settings.BASE_URL}{RETURN}"]
    assert query.pop("ui_locales") == ["en"]
    assert len(query.pop("code_challenge")[0]) == 43
    assert sorted(query) == ["client_id", "code_challenge_method", "nonce", "response_type", "state"]


def test_state_shows_nobody_what_is_looked_for(boss, window):
    (state,) = parse_qs(urlsplit(window.begin("/admin/users/user/?q=secret")).query)["state"]
    assert "secret" not in state
    assert len({window.begin(), window.begin()}) == 2


def test_provider_that_takes_posted_secrets_alone(boss, staff_issuer, window):
    staff_issuer.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    staff_issuer.is_taking_posted_secrets = True
    assert window.sign_in().status_code == 302


def test_issuer_is_trusted_for_the_second_factor(boss, window, settings):
    settings.STAFF_SECOND_FACTOR = "required"
    window.sign_in()
    assert window.is_in


def test_second_factor_there_can_be_asked_for(boss, staff_issuer, window, settings):
    settings.STAFF_OIDC_ACR_VALUES = ["gold", "silver"]
    traces = Traces()
    assert parse_qs(urlsplit(window.begin()).query)["acr_values"] == ["gold silver"]
    told(window.sign_in(), 403, "Example Login did not ask for a second factor")
    assert not window.is_in
    assert traces.last("user.sign_in_refused").data == {"how": "identity_provider", "reason": "weak"}
    staff_issuer.claims_of_all = {"acr": "silver"}
    assert window.sign_in().status_code == 302


def test_new_sign_in_gets_a_new_session(boss, window):
    window.begin()
    before = window.browser.session.session_key
    window.sign_in()
    assert window.browser.session.session_key != before


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com", "/" + "x" * 1001])
def test_next_leads_to_no_other_host(boss, staff_issuer, window, target):
    answer = window.browser.get(staff_issuer.approve(window.begin(target)))
    assert answer.url == "/admin/"


def test_two_windows_at_once(boss, staff_issuer, window):
    first, second = window.begin("/admin/users/tenant/"), window.begin("/admin/users/tariff/")
    assert window.browser.get(staff_issuer.approve(first)).url == "/admin/users/tenant/"
    assert window.browser.get(staff_issuer.approve(second)).url == "/admin/users/tariff/"


@pytest.mark.slow
def test_windows_of_one_browser_are_limited(boss, staff_issuer, window):
    begun = [window.begin() for _window in range(6)]
    told(window.browser.get(staff_issuer.approve(begun[0])), 400, "This sign-in is no longer valid")
    assert window.browser.get(staff_issuer.approve(begun[1])).status_code == 302


def test_tenant_is_the_claims_one_where_the_setting_says_so(boss, staff_issuer, window, settings):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    staff_issuer.claims_of_all = {"tenant_id": "another"}
    told(window.sign_in(), 403, "You have no account here")
    staff_issuer.claims_of_all = {"tenant_id": boss.tenant.external_id}
    assert window.sign_in().status_code == 302


# --- who does not ---


def test_person_whom_nobody_here_knows(boss, window, settings):
    settings.FRONTEND_URL, settings.SERVES_PAGES = "https://meet.example.com", False
    traces = Traces()
    html = told(window.sign_in("stranger"), 403, "You have no account here")
    assert "At Example Login you are Alice@Example.com, whom nobody here knows so far." in html
    assert '<a href="https://meet.example.com">' in html
    assert "anew=1&amp;next=/admin/users/user/" in html
    assert not User.objects.filter(oidc_sub="stranger").exists()
    (activity,) = traces.log()
    assert (activity.kind, activity.actor_name, activity.data["reason"]) == (
        "user.sign_in_refused",
        "Alice@Example.com",
        "unknown",
    )
    assert activity.subject_id == Tenant.objects.get().pk


@pytest.mark.parametrize(
    ("change", "title", "reason"),
    [
        ({"is_staff": False}, "You may not use the admin", "not_staff"),
        ({"disabled_since": "2026-11-01T00:00:00Z"}, "Your account here is disabled", "disabled"),
    ],
)
def test_person_whom_the_admin_does_not_take(boss, window, change, title, reason):
    User.objects.filter(pk=boss.pk).update(**change)
    traces = Traces()
    html = told(window.sign_in(), 403, title)
    assert f"You are signed in as {boss}." in html
    assert "_auth_user_id" not in window.browser.session
    assert [(row.kind, row.data["reason"]) for row in traces.log()] == [("user.sign_in_refused", reason)]
    assert traces.activities() == [("user.sign_in_refused", ["boss"])]


def test_somebody_else_signs_in_there_anew(boss, window):
    assert parse_qs(urlsplit(window.begin(anew="1")).query)["prompt"] == ["login"]


def test_address_alone_makes_nobody_staff(boss, staff_issuer, window):
    """Whoever may choose an address at the provider would be anybody here."""
    staff_issuer.claims_of_all = {"email": boss.email}
    told(window.sign_in("mallory"), 403, "You have no account here")


# --- the pages ---


def test_button_is_where_the_setting_says_so(boss, staff_issuer, settings):
    html = Browser().get("/login/?next=/admin/users/user/%3Fq=a%26b").content.decode()
    assert '<a class="button" href="/login/provider/?next=/admin/users/user/%3Fq%3Da%26b">' in html
    assert "Sign in with Example Login" in html
    settings.STAFF_OIDC_CLIENT_ID = ""
    assert "/login/provider/" not in Browser().get("/login/").content.decode()
    for path in ("/login/provider/", RETURN):
        assert Browser().get(path).status_code == 404


def test_pages_speak_german(boss, staff_issuer):
    window = Window(staff_issuer, headers={"Accept-Language": "de"})
    assert "Mit Example Login anmelden" in window.browser.get("/login/").content.decode()
    assert parse_qs(urlsplit(window.begin()).query)["ui_locales"] == ["de"]
    told(window.sign_in("stranger"), 403, "Sie haben hier kein Konto")


@pytest.mark.parametrize("path", ["/login/provider/", RETURN])
def test_pages_take_no_post(boss, staff_issuer, path):
    assert Browser().post(path).status_code == 405


# --- the end ---


def test_sign_out_goes_on_at_the_provider(boss, staff_issuer, window, settings):
    window.sign_in()
    answer = window.browser.post("/admin/logout/")
    url = answer["Refresh"].removeprefix("0; url=")
    assert url.startswith(staff_issuer.url + "/end?theme=dark&")
    query = dict(parse_qsl(urlsplit(url).query))
    assert query["post_logout_redirect_uri"] == f"{settings.BASE_URL}/login/"
    assert (query["client_id"], query["id_token_hint"].count(".")) == (CLIENT, 2)
    assert not window.is_in


@pytest.mark.parametrize("endpoint", [None, "javascript:alert(1)"])
def test_sign_out_ends_here_where_the_provider_has_no_page_for_it(boss, staff_issuer, window, endpoint):
    staff_issuer.metadata["end_session_endpoint"] = endpoint
    window.sign_in()
    answer = window.browser.post("/admin/logout/")
    assert (answer.status_code, answer.has_header("Refresh")) == (200, False)
    assert not window.is_in


def test_who_came_by_password_stays_signed_in_there(boss):
    answer = browser_of(boss).post("/admin/logout/")
    assert (answer.status_code, answer.has_header("Refresh")) == (200, False)


def test_sign_out_there_ends_the_session_here(boss, staff_issuer, window):
    with time_machine.travel(time.time()) as clock:
        window.sign_in()
        clock.shift(2)
        events = {"http://schemas.openid.net/event/backchannel-logout": {}}
        token = staff_issuer.token(sub="boss", aud=CLIENT, events=events)
        assert Browser().post("/v1/auth/logout", {"logout_token": token}, "application/json").status_code == 200
        assert not window.is_in
        clock.shift(2)
        window.sign_in()
        assert window.is_in


def test_sign_out_there_counts_by_the_clock_of_the_provider(boss, staff_issuer, window):
    """Which is five seconds behind."""
    staff_issuer.claims_of_all = {"iat": int(time.time()) - 5}
    window.sign_in()
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}
    token = staff_issuer.token(sub="boss", aud=CLIENT, events=events, iat=int(time.time()) - 4)
    assert Browser().post("/v1/auth/logout", {"logout_token": token}, "application/json").status_code == 200
    assert not window.is_in


def test_logout_of_no_client_ends_nothing(boss, staff_issuer, window, settings):
    settings.STAFF_OIDC_CLIENT_ID = ""
    events = {"http://schemas.openid.net/event/backchannel-logout": {}}
    token = staff_issuer.token(sub="boss", aud="", events=events)
    assert Browser().post("/v1/auth/logout", {"logout_token": token}, "application/json").status_code == 400


def test_session_ends_when_the_right_does(boss, window):
    window.sign_in()
    User.objects.filter(pk=boss.pk).update(is_staff=False)
    assert not window.is_in
