"""Staff sign in with a password and the code of an app, or with a recovery code; and what staff do for each other."""

import pytest
import time_machine
from django.test import Client as Browser

from activity.actors import Actor
from tests import factories
from tests.factories import PASSWORD
from tests.staff.holding import browser_of, with_role
from tests.traces import Traces
from users import second_factor
from users.models import RecoveryCode, SecondFactor, User
from users.roles import SUPPORT
from users.services import end_sessions, update_account

pytestmark = pytest.mark.django_db
START = "2026-11-23T09:00:00Z"
# RFC 6238 appendix B: its shared key, and the last six of the eight digits that it prints.
RFC_KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def boss() -> User:
    return factories.staff("boss")


def with_factor(user: User) -> tuple[str, list[str]]:
    """The key in the person's app, and the recovery codes."""
    key = second_factor.new_key()
    return key, second_factor.set_factor(user=user, key=key, step=0, actor=Actor.by_page(user))


def type_password(name: str, browser: Browser | None = None, **fields: str):
    browser = browser or Browser()
    return browser, browser.post("/login/", {"username": name, "password": PASSWORD} | fields)


def code_of(key: str, steps: int = 0) -> str:
    return second_factor.code_at(key, second_factor.step_now() + steps)


def is_in(browser: Browser) -> bool:
    return browser.get("/admin/users/user/").status_code == 200


@pytest.mark.parametrize(("moment", "code"), RFC_CODES.items())
def test_codes_are_those_of_the_rfc(moment: int, code: str) -> None:
    assert second_factor.code_at(RFC_KEY, moment // second_factor.STEP_SECONDS) == code


def test_code_opens_once_and_for_as_long_as_it_takes_to_type(boss: User) -> None:
    key, _codes = with_factor(boss)
    opened = [second_factor.opens(user=boss, code=code_of(key, steps)) for steps in (-2, 2, -1, -1, 0, 0, -1, 1)]
    assert opened == [False, False, True, False, True, False, False, True]


def test_recovery_code_opens_once(boss: User) -> None:
    _key, codes = with_factor(boss)
    traces = Traces()
    assert len(set(codes)) == 10
    assert [second_factor.opens(user=boss, code=code) for code in (codes[0].lower(), codes[0], "x")] == [
        True,
        False,
        False,
    ]
    assert traces.last("user.recovery_code_used").data == {"left": 9}


def test_what_is_stored_opens_nothing(boss: User) -> None:
    key, codes = with_factor(boss)
    stored = SecondFactor.objects.get().key + "".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not [secret for secret in (key, *codes, *(code.replace("-", "") for code in codes)) if secret in stored]


def test_password_alone_opens_nothing_for_who_has_a_second_factor(boss: User) -> None:
    key, _codes = with_factor(boss)
    browser, answer = type_password("boss", next="/admin/users/user/")
    assert (answer.status_code, answer.url) == (302, "/login/second-factor/")
    assert not is_in(browser)
    answer = browser.post(answer.url, {"code": code_of(key)})
    assert (answer.status_code, answer.url) == (302, "/admin/users/user/")
    assert is_in(browser)


@pytest.mark.parametrize("target", ["https://evil.example.com/", "//evil.example.com"])
def test_second_step_leads_to_no_other_host(boss: User, target: str) -> None:
    key, _codes = with_factor(boss)
    browser, _answer = type_password("boss", next=target)
    assert browser.post("/login/second-factor/", {"code": code_of(key)}).url == "/admin/"


def test_people_who_are_no_staff_are_asked_for_the_password_alone() -> None:
    with_factor(factories.user("alice"))
    assert type_password("alice")[1].url == "/admin/"


@pytest.mark.slow
def test_wrong_codes_are_counted_and_wait(boss: User) -> None:
    key, _codes = with_factor(boss)
    browser, _answer = type_password("boss")
    for _try in range(5):
        answer = browser.post("/login/second-factor/", {"code": "000000"})
        assert answer.status_code == 200
        assert "This code is not valid, or was used already." in answer.content.decode()
    # Also for who types the password anew.
    browser, _answer = type_password("boss")
    answer = browser.post("/login/second-factor/", {"code": code_of(key)})
    assert (answer.status_code, answer["Retry-After"]) == (429, "10")
    assert "Too many wrong codes. You can try again in 10 seconds." in answer.content.decode()


def test_second_step_does_not_wait_for_ever(boss: User, clock) -> None:
    key, _codes = with_factor(boss)
    browser, _answer = type_password("boss")
    clock.shift(601)
    assert browser.post("/login/second-factor/", {"code": code_of(key)}).url == "/login/"


def test_who_was_disabled_meanwhile_does_not_get_in(boss: User) -> None:
    key, _codes = with_factor(boss)
    browser, _answer = type_password("boss")
    User.objects.filter(pk=boss.pk).update(disabled_since=START)
    assert browser.post("/login/second-factor/", {"code": code_of(key)}).url == "/login/"


# --- set up ---


def new_key_in(page) -> str:
    """As somebody types it from the page."""
    return page.context["key"].replace(" ", "")


def test_staff_set_one_up_and_get_recovery_codes(boss: User) -> None:
    browser, traces = browser_of(boss), Traces()
    page = browser.get("/login/second-factor/set-up/")
    assert "<svg" in page.content.decode()
    assert "style=" not in page.content.decode()
    key = new_key_in(page)
    assert browser.post("/login/second-factor/set-up/", {"code": "000000"}).status_code == 200
    assert not second_factor.is_set(boss)
    done = browser.post("/login/second-factor/set-up/", {"code": code_of(key)})
    assert len(done.context["codes"]) == 10
    assert done["Cache-Control"].startswith("max-age=0")
    assert traces.activities() == [("user.second_factor_set", ["boss"])]
    # The code that set it up opens nothing any more.
    browser, answer = type_password("boss")
    assert browser.post(answer.url, {"code": code_of(key)}).status_code == 200
    assert browser.post(answer.url, {"code": done.context["codes"][0]}).status_code == 302
    assert is_in(browser)


def test_picture_holds_the_key_for_apps(boss: User) -> None:
    address = second_factor.address_of(RFC_KEY, boss)
    assert address == f"otpauth://totp/OpenTalk%3Aboss%40example.com?secret={RFC_KEY}&issuer=OpenTalk"


@pytest.mark.parametrize(("wanted", "name"), [("required", "helper"), ("superusers", "boss")])
def test_who_needs_one_sets_it_up_before_the_admin_opens(settings, boss: User, wanted: str, name: str) -> None:
    settings.STAFF_SECOND_FACTOR = wanted
    factories.user("helper", is_staff=True)
    browser, answer = type_password(name)
    assert answer.url == "/login/second-factor/set-up/"
    assert browser.get("/admin/").status_code == 302
    key = new_key_in(browser.get(answer.url))
    assert browser.post(answer.url, {"code": code_of(key)}).context["onward"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_superusers_alone_need_one_where_the_setting_says_so(settings) -> None:
    settings.STAFF_SECOND_FACTOR = "superusers"
    factories.user("helper", is_staff=True)
    assert type_password("helper")[1].url == "/admin/"


def test_session_from_before_the_setting_does_not_stay_in(settings, boss: User) -> None:
    browser, _answer = type_password("boss")
    assert is_in(browser)
    settings.STAFF_SECOND_FACTOR = "required"
    assert browser.get("/admin/users/user/").status_code == 302


def test_open_browser_gives_no_second_factor_away(boss: User) -> None:
    """Another one is set up only by who has the one that there is."""
    key, codes = with_factor(boss)
    browser = browser_of(boss)
    assert browser.get("/login/second-factor/set-up/").url == "/login/second-factor/remove/"
    assert browser.post("/login/second-factor/remove/", {"code": "000000"}).status_code == 200
    assert second_factor.is_set(boss)
    assert browser.post("/login/second-factor/remove/", {"code": codes[3]}).url == "/login/second-factor/set-up/"
    assert not second_factor.is_set(boss)
    assert key != new_key_in(browser.get("/login/second-factor/set-up/"))


@pytest.mark.parametrize("path", ["", "set-up/", "remove/"])
def test_pages_are_for_who_has_typed_a_password(path: str) -> None:
    answer = Browser().get(f"/login/second-factor/{path}")
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


# --- what staff see and do ---


def sign_in_page(user: User) -> str:
    return f"/admin/users/user/{user.pk}/sign-in/"


def test_staff_see_who_has_to_wait_and_let_them_try_again(boss: User) -> None:
    factories.user("alice")
    alice = User.objects.get(username="alice")
    for _try in range(6):
        Browser().post("/login/", {"username": "alice@example.com", "password": "wrong"})
    assert type_password("alice@example.com")[1].status_code == 429
    staff = browser_of(boss)
    assert "<td>5</td>" in staff.get(sign_in_page(alice)).content.decode()
    traces = Traces()
    assert staff.post(sign_in_page(alice), {"lift": "x"}).status_code == 302
    assert [(row.kind, row.actor_name, row.data) for row in traces.log()] == [
        ("user.unlocked", str(boss), {"wrong_guesses": 5})
    ]
    assert type_password("alice@example.com")[1].status_code == 302


def test_lost_phone_is_taken_out_by_a_superuser(boss: User) -> None:
    helper = factories.user("helper", is_staff=True)
    with_factor(helper)
    staff = browser_of(boss)
    assert "10 recovery codes are left" in staff.get(sign_in_page(helper)).content.decode()
    assert staff.post(sign_in_page(helper), {"remove": "x"}).status_code == 302
    assert not second_factor.is_set(helper)


@pytest.mark.slow
def test_who_may_only_look_changes_nothing(boss: User) -> None:
    with_factor(boss)
    support = browser_of(with_role(SUPPORT))
    assert support.get(sign_in_page(boss)).status_code == 200
    for what in ("lift", "remove"):
        assert support.post(sign_in_page(boss), {what: "x"}).status_code == 403
    assert second_factor.is_set(boss)


# --- sessions ---


def test_session_ends_when_the_person_is_disabled(boss: User) -> None:
    browser, _answer = type_password("boss")
    assert is_in(browser)
    update_account(user=boss, actor=Actor.by_admin(factories.staff()), disabled_since=START)
    assert not is_in(browser)


def test_session_ends_with_all_sessions_of_the_person(boss: User, clock) -> None:
    browser, _answer = type_password("boss")
    clock.shift(1)
    end_sessions(user=boss, actor=Actor.by_api(boss))
    assert not is_in(browser)
    clock.shift(1)
    assert is_in(type_password("boss")[0])


def test_key_of_the_page_is_not_readable_in_the_session(boss: User) -> None:
    browser = browser_of(boss)
    key = new_key_in(browser.get("/login/second-factor/set-up/"))
    assert key not in str(dict(browser.session.items()))
