"""The login page: who gets in, what it says to the others, and where it leads."""

from ipaddress import ip_network

import pytest
import time_machine
from django.test import Client as Browser

from tests.factories import PASSWORD
from tests.traces import Traces
from tests.users.relying_party import make_person
from users.provider.clients import ensure_clients

START = "2026-11-23T09:00:00Z"


@pytest.fixture
def alice(db):
    return make_person()


def sign_in(username="alice", password=PASSWORD, browser=None, **fields):
    return (browser or Browser()).post("/login/", {"username": username, "password": password} | fields)


def fail(times, username="alice", **address):
    browser = Browser(**address)
    for _attempt in range(times):
        assert sign_in(username, "wrong", browser).status_code == 200


def test_page_has_what_password_stores_and_readers_need(alice):
    html = Browser().get("/login/").content.decode()
    assert '<label for="username">Username or email</label>' in html
    assert '<label for="password">Password</label>' in html
    assert 'autocomplete="username"' in html
    assert 'autocomplete="current-password"' in html
    assert '<button class="primary" type="submit">Sign In</button>' in html
    assert '<html lang="en">' in html
    assert "input-error" not in html


def test_page_loads_nothing_from_other_hosts_and_runs_no_script(alice):
    html = Browser().get("/login/").content.decode()
    assert "//" not in html.replace("<!doctype html>", "")
    assert "<script" not in html


@pytest.mark.parametrize("name", ["alice", "alice@example.com", " Alice@Example.COM"])
def test_user_name_and_address_both_open(alice, name):
    answer = sign_in(name)
    assert (answer.status_code, answer.url) == (302, "/admin/")


@pytest.mark.parametrize("name", ["alice", "alice@example.com", "nobody", "nobody@example.com"])
def test_wrong_password_and_unknown_name_look_alike(alice, name):
    answer = sign_in(name, "wrong")
    assert answer.status_code == 200
    assert "Invalid username or password." in answer.content.decode()
    assert 'class="input-error" id="input-error" role="alert"' in answer.content.decode()
    assert 'aria-describedby="input-error"' in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Invalid username or password."),
        ("de", "Diese Kombination aus Benutzername oder E-Mail und Passwort stimmt nicht."),
        ("fr", "Cette combinaison de nom d’utilisateur ou d’e-mail et de mot de passe n’est pas valable."),
    ],
)
def test_failure_says_so_where_programs_look_for_it(alice, language, text):
    html = sign_in(password="wrong", browser=Browser(headers={"Accept-Language": language})).content.decode()
    assert " ".join(html.partition('id="input-error"')[2].split()).startswith(f'role="alert"> <p>{text}</p>')


def test_empty_password_is_no_attempt(alice):
    for _attempt in range(10):
        assert "Please fill in both fields" in sign_in(password="").content.decode()


def test_disabled_user_cannot_sign_in(db):
    make_person(disabled_since=START)
    assert "Invalid username or password." in sign_in().content.decode()


def test_shared_address_opens_no_account(alice):
    make_person("alice2", email="alice@example.com")
    assert sign_in("alice@example.com").status_code == 200
    assert sign_in("alice").status_code == 302


def test_address_shared_with_somebody_who_cannot_sign_in_here_still_opens(alice):
    make_person("disabled", email="alice@example.com", disabled_since=START)
    elsewhere = make_person("elsewhere", email="alice@example.com")
    elsewhere.set_unusable_password()
    elsewhere.save()
    assert sign_in("alice@example.com").status_code == 302


def test_user_name_goes_before_the_address_of_another(alice):
    owner = make_person("alice@example.com", email="other@example.com")
    browser = Browser()
    sign_in("alice@example.com", browser=browser)
    assert browser.session["_auth_user_id"] == str(owner.pk)


@time_machine.travel(START, tick=False)
def test_fifth_wrong_password_locks_the_account_for_this_address(alice):
    fail(5)
    answer = sign_in()
    assert answer.status_code == 429
    assert answer["Retry-After"] == "10"
    assert "Too many wrong passwords. You can try again in 10 seconds." in answer.content.decode()


@pytest.mark.parametrize("typed", ["alice", "nobody", "alice@example.com", "nobody@example.com"])
def test_lock_tells_nothing_about_accounts(alice, typed):
    """What is refused, for which spelling, is the same whether somebody has the name or not."""
    spellings = [typed, typed.upper(), f" {typed.title()} ", typed.replace("o", "ｏ"), typed.replace("i", "ｉ")]
    for spelling in spellings:
        fail(1, spelling)
    for spelling in spellings:
        assert sign_in(spelling).status_code == 429


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["alice", "nobody"])
def test_lock_of_a_name_does_not_reach_the_address_beside_it(alice, typed):
    fail(5, typed)
    assert sign_in(f"{typed}@example.com", "wrong").status_code == 200
    assert sign_in(typed, "wrong").status_code == 429


def test_lock_spares_other_addresses_and_other_accounts(alice):
    make_person("bob")
    fail(5, REMOTE_ADDR="192.0.2.1")
    assert sign_in().status_code == 302
    assert sign_in("bob", browser=Browser(REMOTE_ADDR="192.0.2.1")).status_code == 302


@pytest.mark.slow
def test_each_further_wrong_password_waits_longer(alice):
    with time_machine.travel(START, tick=False) as clock:
        fail(5)
        for seconds in (10, 20, 40, 80, 160, 300, 300):
            assert sign_in()["Retry-After"] == str(seconds)
            clock.shift(seconds - 1)
            assert sign_in().status_code == 429
            clock.shift(1)
            assert sign_in(password="wrong").status_code == 200
        clock.shift(300)
        assert sign_in().status_code == 302


def test_old_mistakes_do_not_count(alice):
    with time_machine.travel(START, tick=False) as clock:
        fail(4)
        clock.shift(3601)
        fail(4)
        assert sign_in().status_code == 302


def test_client_of_ipv6_is_its_network(alice):
    fail(5, REMOTE_ADDR="2001:db8::1")
    assert sign_in(browser=Browser(REMOTE_ADDR="2001:db8::2")).status_code == 429
    assert sign_in(browser=Browser(REMOTE_ADDR="2001:db8:0:1::1")).status_code == 302


def test_owner_of_the_account_learns_of_the_fifth(alice):
    traces = Traces()
    fail(5)
    fail(5, "nobody")
    assert traces.activities() == [("user.guessed", ["alice"])]


def test_success_forgets_the_mistakes(alice):
    fail(4)
    assert sign_in().status_code == 302
    fail(4)
    assert sign_in().status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com", "javascript:alert(1)"])
def test_next_leads_to_no_other_host(alice, target):
    assert sign_in(next=target).url == "/admin/"


def test_next_leads_within_the_site(alice):
    assert sign_in(next="/v1/docs?x=1").url == "/v1/docs?x=1"


def test_admin_uses_this_page(db):
    assert Browser().get("/admin/login/?next=/admin/").url == "/login/?next=/admin/"


def test_signed_in_person_learns_why_the_page_came_back(alice):
    browser = Browser()
    sign_in(browser=browser)
    assert "You are signed in as Alice Adams" in browser.get("/login/?next=/admin/").content.decode()


def test_language_can_be_switched(db):
    browser = Browser()
    answer = browser.post("/language/", {"language": "de", "next": "/login/?next=/x"})
    assert answer.url == "/login/?next=/x"
    assert '<html lang="de">' in browser.get("/login/").content.decode()


def test_login_needs_the_form_token(alice):
    assert sign_in(browser=Browser(enforce_csrf_checks=True)).status_code == 403


def test_error_pages_of_the_provider_load_nothing_from_other_hosts(alice):
    ensure_clients()
    browser = Browser()
    sign_in(browser=browser)
    for path in ("/oidc/authorize/?client_id=nobody", "/oidc/logout/"):
        assert "//" not in browser.get(path).content.decode()


@pytest.mark.parametrize(("proxies", "status"), [("", 429), ("127.0.0.1", 302)])
def test_client_is_whom_a_trusted_proxy_names(alice, settings, proxies, status):
    """From anybody else X-Forwarded-For gives no additional guesses."""
    settings.TRUSTED_PROXIES = [ip_network(proxy) for proxy in filter(None, [proxies])]
    fail(5, HTTP_X_FORWARDED_FOR="192.0.2.1")
    assert sign_in(browser=Browser(HTTP_X_FORWARDED_FOR="192.0.2.2")).status_code == status
