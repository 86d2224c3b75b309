"""Begin a session, sign in by password or token, end it; what a page of another origin gets."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from activity.actors import Actor
from integrations.cospace import sessions
from integrations.cospace.models import Session
from tests import factories
from tests.api import token
from tests.integrations.cospace.client import Cospace
from users import second_factor
from users.guard import FREE_TRIES
from users.models import User
from users.services import end_sessions, set_password, update_account

pytestmark = pytest.mark.django_db
ALICE = {"username": "alice", "password": factories.PASSWORD}
HERE, THERE = "http://127.0.0.1:8000", "https://evil.example.org"


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def begun(**headers: str) -> Cospace:
    return Cospace(sid=Cospace().call("GET", "/api/session", headers=headers)["sid"])


def test_begin_sign_in_and_end(alice: User) -> None:
    client = Cospace()
    begun = client.get("/api/session")
    sid = client.sid = begun["sid"]
    assert begun == {"status": "ok", "sid": sid, "server": HERE}
    assert client.post("/api/session", ALICE) == {"status": "ok"}
    session = Session.objects.get()
    assert (session.user, session.sid_digest) == (alice, sessions.digest(sid))
    assert sid not in str(vars(session))
    assert client.delete("/api/session") == {"status": "ok"}
    assert not Session.objects.exists()
    assert client.call("DELETE", "/api/session")["status"] == "no-session"


def test_sid_in_header_query_or_cookie(alice: User) -> None:
    browser = Browser()
    answer = browser.get("/api/session")
    cookie = answer.cookies["sid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/api")
    assert browser.post("/api/session", ALICE, content_type="application/json").json() == {"status": "ok"}
    assert browser.get("/api/user").json()["status"] == "ok"
    sid = answer.json()["sid"]
    assert Cospace().get("/api/user", sid=sid)["user"]["username"] == "alice"
    # The first one counts.
    assert Cospace(sid="another").call("GET", "/api/user", query={"sid": sid})["status"] == "no-session"


def test_another_session_each_time(alice: User) -> None:
    """Else whoever puts a sid into somebody's client would get what that person signs in to."""
    client = Cospace().begin()
    first = client.sid
    assert client.begin().sid != first


@pytest.mark.parametrize("who", [{"username": "alice"}, {"email": "alice@example.com"}, {"email": "ALICE@example.com"}])
def test_by_name_or_address(alice: User, who: dict[str, str]) -> None:
    assert begun().post("/api/session", who | {"password": factories.PASSWORD}) == {"status": "ok"}


def test_by_access_token(alice: User) -> None:
    client = begun()
    assert client.post("/api/session", {"access_token": token(alice)}) == {"status": "ok"}
    assert client.get("/api/user")["user"]["user"] == str(alice.pk)
    for wrong in ("x", "a.b.c", token(alice) + "x", token(alice, lifetime=-600)):
        assert begun().call("POST", "/api/session", {"access_token": wrong})["status"] == "fail"


def test_account_that_never_used_the_api_does_so_now() -> None:
    factories.user("carol", registered=False)
    begun().post("/api/session", ALICE | {"username": "carol"})
    assert User.objects.get(username="carol").is_registered


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, "missing-element", "username"),
        ({"username": "alice"}, "missing-element", "password"),
        ({"username": None, "password": "x"}, "missing-element", "username"),
        ({"username": ["alice"], "password": 7.5}, "wrong-syntax", "username"),
        ({"username": "a\0", "password": "x"}, "wrong-syntax", "username"),
        ({"username": "a" * 256, "password": "x" * 5000}, "wrong-syntax", "username"),
        ({"email": {"a": 1}, "password": []}, "wrong-syntax", "email"),
        ({"access_token": 10**400}, "wrong-syntax", ""),
        ([], "wrong-syntax", ""),
        (b"{", "wrong-syntax", "JSON"),
        (b'{"username": "\\ud800", "password": "x"}', "wrong-syntax", "JSON"),
        (b"[" * 100_000, "wrong-syntax", "JSON"),
        (b"\xff", "wrong-syntax", "JSON"),
    ],
)
def test_bad_input_names_its_fields(body: Any, status: str, named: str) -> None:
    answer = begun().call("POST", "/api/session", body)
    assert (answer["status"], named in answer["message"]) == (status, True), answer
    assert len(answer["message"]) < 4100


def test_all_wrong_fields_are_named() -> None:
    message = begun().call("POST", "/api/session", {"username": [], "email": {}, "password": {}})["message"]
    assert [word for word in ("username: ", "email: ", "password: ") if word in message] == [
        "username: ",
        "email: ",
        "password: ",
    ]


def test_wrong_password_counts_as_on_the_login_page(alice: User) -> None:
    client = begun()
    wrong = {"status": "wrong-credentials", "message": "Invalid username or password"}
    for number in range(FREE_TRIES):
        who = {"username": "alice"} if number % 2 else {"username": "ALICE"}
        assert client.call("POST", "/api/session", who | {"password": "guess"}) == wrong
    assert client.call("POST", "/api/session", ALICE)["status"] == "fail"
    assert begun().call("POST", "/api/session", {"username": "nobody", "password": "x"}) == wrong


def test_who_may_not_sign_in_is_told_why(alice: User) -> None:
    staff = factories.staff("admin")
    second_factor.set_factor(user=staff, key=second_factor.new_key(), step=0, actor=Actor.by_page(staff))
    update_account(user=alice, actor=Actor.by_admin(staff), disabled_since=timezone.now())
    for name, reason in (("admin", "second factor"), ("alice", "disabled")):
        answer = begun().call("POST", "/api/session", ALICE | {"username": name})
        assert (answer["status"], reason in answer["message"]) == ("no-access", True)
        # Only whoever knows the password learns it.
        assert (
            begun().call("POST", "/api/session", {"username": name, "password": "x"})["status"] == "wrong-credentials"
        )


def test_without_a_session_or_a_sign_in(alice: User) -> None:
    for method, path in (("GET", "/api/user"), ("GET", "/api/event"), ("POST", "/api/session")):
        assert Cospace().call(method, path)["status"] == "no-session"
        assert Cospace(sid="\0é" * 1000).call(method, f"{path}?sid=%00")["status"] == "no-session"
    assert begun().call("GET", "/api/user")["status"] == begun().call("GET", "/api/event")["status"] == "no-auth"


@pytest.mark.parametrize(
    ("begun_by", "asked_by", "status"),
    [
        (None, None, "ok"), (None, HERE, "ok"), (HERE, HERE, "ok"), (HERE, None, "ok"), (THERE, THERE, "ok"),
        (THERE, None, "ok"), (None, THERE, "wrong-origin"), (HERE, THERE, "wrong-origin"),
        (THERE, HERE, "wrong-origin"), (HERE, "null", "wrong-origin"),
    ],
)  # fmt: skip
def test_origin(alice: User, begun_by: str | None, asked_by: str | None, status: str) -> None:
    client = begun(**({"Origin": begun_by} if begun_by else {}))
    headers = {"Origin": asked_by} if asked_by else {}
    assert client.call("POST", "/api/session", ALICE, headers=headers)["status"] == status
    sessions.sign_in(session=Session.objects.get(), user=alice)
    assert client.call("GET", "/api/event", headers=headers)["status"] == status


@pytest.mark.parametrize("how", ["disabled", "signed out", "new password", "ended", "idle", "old"])
def test_session_ends(alice: User, how: str) -> None:
    client = Cospace().signed_in("alice")
    by = Actor.by_job("test")
    match how:
        case "disabled":
            update_account(user=alice, actor=by, disabled_since=timezone.now())
        case "signed out":
            end_sessions(user=alice, actor=by)
        case "new password":
            alice.refresh_from_db()
            User.objects.update(last_login=timezone.now())
            alice.refresh_from_db()
            set_password(user=alice, password="a much better secret", actor=by)
        case "ended":
            sessions.end(session=Session.objects.get())
        case "idle":
            Session.objects.update(last_call_at=timezone.now() - timedelta(seconds=600))
        case "old":
            Session.objects.update(created_at=timezone.now() - sessions.LONGEST)
    assert client.call("GET", "/api/event")["status"] == "no-session"
    assert sessions.over().count() == Session.objects.count()


def test_session_that_is_used_goes_on(alice: User, django_assert_num_queries: Any) -> None:
    client = Cospace().signed_in("alice")
    Session.objects.update(last_call_at=timezone.now() - timedelta(seconds=590))
    client.get("/api/user")
    assert Session.objects.get().last_call_at > timezone.now() - timedelta(seconds=5)
    with django_assert_num_queries(1):  # not each call writes
        client.get("/api/user")


def test_number_of_sessions_is_bounded(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_OF_NOBODY", 3)
    monkeypatch.setattr(sessions, "MOST_OF_USER", 2)
    waiting = [begun() for _number in range(3)]
    refused = Cospace().call("GET", "/api/session")
    assert (refused["status"], Session.objects.count()) == ("fail", 3)
    # Who has just begun can sign in, whoever else begins; who did not for some minutes cannot where there are many.
    digests = [sessions.digest(client.sid) for client in waiting]
    old = timezone.now() - sessions.TIME_TO_SIGN_IN
    Session.objects.filter(sid_digest=digests[0]).update(created_at=old)
    begun()
    assert Session.objects.count() == 3
    assert waiting[0].call("POST", "/api/session", ALICE)["status"] == "no-session"
    Session.objects.update(created_at=old)
    signed_in = [Cospace().signed_in("alice") for _number in range(3)]
    assert [client.call("GET", "/api/user")["status"] for client in signed_in] == ["no-session", "ok", "ok"]


def test_somebody_else_in_the_same_session_sees_nothing_of_before(alice: User) -> None:
    factories.user("bob")
    client = Cospace().signed_in("alice")
    session = Session.objects.get()
    session.events.create(number=0, name="user_modify", time=1)
    Session.objects.update(next_number=1)
    client.post("/api/session", ALICE)
    assert client.names() == ["user_modify"]
    client.post("/api/session", ALICE | {"username": "bob"})
    assert client.names() == []
    assert client.get("/api/user")["user"]["username"] == "bob"


def test_unknown_call_and_method() -> None:
    assert begun().call("GET", "/api/nothing/here") == {"status": "not-found", "message": "There is no such call"}
    assert begun().call("POST", "/api/nothing") == {"status": "not-found", "message": "There is no such call"}
    assert begun().call("PUT", "/api/session")["status"] == "fail"
    assert Browser().options("/api/session").status_code == 200


def test_whatever_is_accepted_the_answer_is_json() -> None:
    for accepted in ("text/html", "application/xml", "text/event-stream", "x"):
        assert Cospace().call("GET", "/api/session", headers={"Accept": accepted})["status"] == "ok"


def test_what_nobody_foresaw_is_logged_and_told(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(**_how: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sessions, "begin", broken)
    browser = Browser(raise_request_exception=False)
    answer = browser.get("/api/session?sid=secret", headers={"X-Request-Id": "r1"})
    assert (answer.status_code, answer.json()["status"]) == (200, "fail")
    assert answer.json()["message"] == "An internal server error occurred. Request id: r1"
    (logged,) = caplog.records
    assert (logged.levelname, logged.exc_info[0]) == ("ERROR", ZeroDivisionError)
    assert "secret" not in caplog.text
    with pytest.raises(ZeroDivisionError):
        Browser().get("/api/session")
