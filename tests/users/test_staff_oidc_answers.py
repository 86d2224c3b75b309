"""What the site checks when a browser comes back from the identity provider, and what it says when that one fails."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from activity.models import Activity
from tests.local_server import Reply
from tests.users.issuer import KEYS, rsa_key
from tests.users.staff_issuer import CLIENT, Window, told

pytestmark = pytest.mark.django_db


# --- the answer ---


def test_answer_for_another_browser(boss, staff_issuer, window):
    """Nobody is signed in as somebody else by a link."""
    url = staff_issuer.approve(window.begin())
    other = Window(staff_issuer)
    html = told(other.browser.get(url), 400, "This sign-in is no longer valid")
    assert "/login/provider/?next=/admin/users/user/" in html
    assert not other.is_in


def test_answer_counts_once(boss, staff_issuer, window):
    url = staff_issuer.approve(window.begin())
    assert window.browser.get(url).status_code == 302
    told(window.browser.get(url), 400, "This sign-in is no longer valid")


def test_answer_that_comes_late(boss, staff_issuer, window):
    with time_machine.travel(time.time()) as clock:
        begun = window.begin()
        clock.shift(601)
        told(window.browser.get(staff_issuer.approve(begun)), 400, "This sign-in is no longer valid")


def test_session_that_ended_meanwhile_keeps_the_way(boss, staff_issuer, window):
    url = staff_issuer.approve(window.begin("/admin/users/tariff/"))
    window.browser.logout()
    html = told(window.browser.get(url), 400, "This sign-in is no longer valid")
    assert "/login/provider/?next=/admin/users/tariff/" in html


@pytest.mark.parametrize("state", [None, "", "x", "\0", "gAAAAABm"])
def test_answer_with_a_state_that_is_not_ours(boss, window, state):
    told(window.sign_in(state=state), 400, "This sign-in is no longer valid")


def test_states_of_two_sign_ins_mixed_up(boss, staff_issuer, window):
    """The code belongs to the other one's nonce and verifier."""
    first, second = window.begin(), window.begin()
    (other,) = parse_qs(urlsplit(second).query)["state"]
    told(window.browser.get(staff_issuer.approve(first, state=other)), 400, "The sign-in did not work")


@pytest.mark.parametrize("sender", [None, "https://evil.example.com", ""])
def test_answer_of_another_issuer(boss, staff_issuer, window, sender):
    told(window.sign_in(iss=sender), 400, "The sign-in did not work")
    assert staff_issuer.count["/token"] == 0


def test_issuer_that_does_not_name_itself(boss, staff_issuer, window):
    del staff_issuer.metadata["authorization_response_iss_parameter_supported"]
    assert window.sign_in(iss=None).status_code == 302


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        ("access_denied", 403, "Example Login did not sign you in"),
        ("temporarily_unavailable", 400, "The sign-in did not work"),
        ("<script>", 400, "The sign-in did not work"),
    ],
)
def test_error_in_place_of_a_code(boss, window, error, status, title):
    html = told(window.sign_in(code=None, error=error, error_description="<b>x</b>"), status, title)
    assert "<script>" not in html
    assert "<b>" not in html
    assert not window.is_in


@pytest.mark.parametrize("code", [None, "", "wrong"])
def test_code_that_is_worth_nothing(boss, window, code):
    told(window.sign_in(code=code), 400, "The sign-in did not work")


# --- the token ---


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "Frontend"},
        {"aud": None},
        {"aud": [CLIENT, "Frontend"], "azp": "Frontend"},
        {"iss": "https://evil.example.com"},
        {"exp": 1},
        {"exp": None},
        {"iat": "now"},
        {"sub": None},
        {"sub": ""},
        {"sub": "bo\0ss"},
        {"sub": 7},
        {"email": 7},
    ],
    ids=str,
)
def test_token_that_is_not_valid_for_us(boss, staff_issuer, window, claims):
    staff_issuer.claims = changed(staff_issuer.claims, claims)
    told(window.sign_in(), 400, "The sign-in did not work")
    assert not window.is_in
    assert not Activity.objects.filter(kind__startswith="user.sign").exists()


@pytest.mark.parametrize("claims", [{"tenant_id": "a\0"}, {"tenant_id": 7}, {"tenant_id": ["a"]}], ids=str)
def test_tenant_that_is_no_name(boss, staff_issuer, window, settings, claims):
    settings.TENANT_ASSIGNMENT = "by_external_tenant_id"
    staff_issuer.claims_of_all = claims
    told(window.sign_in(), 400, "The sign-in did not work")


def changed(make, changes):
    def claims(**given):
        return make(**given | changes)

    return claims


def test_token_for_several_of_which_we_asked(boss, staff_issuer, window):
    staff_issuer.claims = changed(staff_issuer.claims, {"aud": [CLIENT, "Frontend"], "azp": CLIENT})
    assert window.sign_in().status_code == 302


def test_token_that_another_key_signed(boss, staff_issuer, window):
    staff_issuer.key = "another"
    assert rsa_key("another") != rsa_key("first")
    told(window.sign_in(), 400, "The sign-in did not work")


# --- the provider fails ---


def test_provider_that_is_down_before(boss, window, staff_issuer):
    staff_issuer.close()
    answer = window.browser.get("/login/provider/?next=/admin/users/user/")
    html = told(answer, 424, "Example Login does not answer")
    assert '<a href="/login/?next=/admin/users/user/">' in html


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500),
        Reply(status=302, headers={"Location": "/elsewhere"}),
        Reply(b"<html>"),
        Reply([]),
        Reply({"id_token": "x"}, drip_seconds=0.2),
        Reply(b"x" * 300_000),
    ],
    ids=["error", "redirect", "html", "list", "slow", "huge"],
)
def test_token_endpoint_that_fails(boss, staff_issuer, window, reply):
    staff_issuer.on("/token", reply)
    told(window.sign_in(), 424, "Example Login does not answer")
    assert not window.is_in


@pytest.mark.parametrize("answer", [{"id_token": 7}, {}, {"id_token": "x"}, {"id_token": "x" * 20_000}])
def test_token_endpoint_that_gives_no_token(boss, staff_issuer, window, answer):
    staff_issuer.on("/token", Reply(answer))
    told(window.sign_in(), 400, "The sign-in did not work")


def test_keys_that_cannot_be_had(boss, staff_issuer, window):
    staff_issuer.on(KEYS, Reply(status=500))
    told(window.sign_in(), 424, "Example Login does not answer")


@pytest.mark.parametrize("endpoint", [None, "http://[", "javascript:alert(1)"])
def test_metadata_without_a_page_to_sign_in(boss, staff_issuer, window, endpoint):
    staff_issuer.metadata["authorization_endpoint"] = endpoint
    told(window.browser.get("/login/provider/"), 424, "Example Login does not answer")


def test_wrong_secret(boss, window, settings):
    settings.STAFF_OIDC_CLIENT_SECRET = "another"
    told(window.sign_in(), 400, "The sign-in did not work")
