"""Clients hear of a logout: by a signed token at an address of theirs, after the commit, and never at its expense."""

import time
from urllib.parse import parse_qs, urlencode

import jwt
import pytest
import time_machine
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from kombu.exceptions import OperationalError

from activity.actors import Actor
from opentalk_site.celery import app
from tests import factories
from tests.local_server import LocalServer, Reply
from tests.users.relying_party import AFTER_LOGOUT, RelyingParty, make_person, make_service, read, unverified
from users import services, tasks
from users.models import Client, User
from users.provider.clients import ensure_clients

EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}
PATH = "/logged-out"


@pytest.fixture
def receiver():
    with LocalServer() as server:
        server.on(PATH, Reply())
        yield server


@pytest.fixture
def party(db, receiver, monkeypatch):
    """Alice with the frontend open; tasks run at once."""
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    ensure_clients()
    Client.objects.filter(client_id="Frontend").update(backchannel_logout_uri=receiver.url + PATH)
    make_person()
    browser = RelyingParty()
    browser.tokens = browser.sign_in()
    return browser


@pytest.fixture
def log_out(django_capture_on_commit_callbacks):
    def log_out(party):
        with django_capture_on_commit_callbacks(execute=True):
            hint = party.tokens["id_token"]
            answer = party.logout(client_id="Frontend", id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT)
        assert (answer.status_code, answer.url) == (302, AFTER_LOGOUT)
        assert party.refresh(party.tokens["refresh_token"]).status_code == 400

    return log_out


@pytest.fixture
def end_all(django_capture_on_commit_callbacks):
    def end_all(username="alice"):
        with django_capture_on_commit_callbacks(execute=True):
            services.end_sessions(user=User.objects.get(username=username), actor=Actor.by_job("test"))

    return end_all


def told(server):
    """The logout tokens that came in."""
    assert all(asked.headers["Content-Type"] == "application/x-www-form-urlencoded" for asked in server.asked)
    forms = [parse_qs(asked.body.decode()) for asked in server.asked]
    assert all(set(form) == {"logout_token"} for form in forms)
    return [form["logout_token"][0] for form in forms]


# ---- What is said ----


@pytest.mark.slow
def test_logout_tells_the_client_which_session_ended(party, receiver, log_out):
    now = int(time.time())
    with time_machine.travel(now, tick=False):
        log_out(party)
    (token,) = told(receiver)
    assert receiver.asked[0].method == "POST"
    assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
    claims = read(token, "Frontend")
    assert claims.pop("jti")
    signed_in = unverified(party.tokens["id_token"])
    assert claims == {
        "iss": "http://127.0.0.1:8000/oidc",
        "aud": "Frontend",
        "iat": now,
        "exp": now + 120,
        "events": EVENTS,
        "sub": signed_in["sub"],
        "sid": signed_in["sid"],
    }


@pytest.mark.slow
def test_refreshed_session_keeps_its_name(party, receiver, log_out):
    party.tokens = party.refresh(party.tokens["refresh_token"]).json()
    first = unverified(party.tokens["id_token"])["sid"]
    log_out(party)
    assert [read(token, "Frontend")["sid"] for token in told(receiver)] == [first]


@pytest.mark.slow
def test_end_of_all_sessions_names_the_person_alone(party, receiver, end_all):
    RelyingParty().sign_in()
    end_all()
    (token,) = told(receiver)
    claims = read(token, "Frontend")
    assert claims["sub"] == unverified(party.tokens["id_token"])["sub"]
    assert not {"sid", "nonce"} & set(claims)


@pytest.mark.slow
def test_person_of_an_earlier_issuer_is_named_as_his_tokens_do(party, receiver, end_all):
    User.objects.filter(username="alice").update(oidc_sub="f:alice")
    assert unverified(party.refresh(party.tokens["refresh_token"]).json()["id_token"])["sub"] == "f:alice"
    end_all()
    assert [unverified(token)["sub"] for token in told(receiver)] == ["f:alice"]


# ---- Who is told ----


@pytest.mark.slow
def test_new_password_tells(party, receiver, django_capture_on_commit_callbacks):
    alice = User.objects.get(username="alice")
    User.objects.filter(pk=alice.pk).update(last_login=timezone.now())
    admin = Browser()
    admin.force_login(factories.staff())
    passwords = {"password1": "another horse battery", "password2": "another horse battery", "usable_password": "true"}
    with django_capture_on_commit_callbacks(execute=True):
        assert admin.post(f"/admin/users/user/{alice.pk}/password/", passwords).status_code == 302
    assert len(told(receiver)) == 1


def test_disabling_tells(party, receiver, django_capture_on_commit_callbacks):
    alice = User.objects.get(username="alice")
    with django_capture_on_commit_callbacks(execute=True):
        services.update_account(user=alice, actor=Actor.by_api(alice), disabled_since=timezone.now())
    assert len(told(receiver)) == 1


@pytest.mark.slow
def test_second_logout_tells_nobody(party, receiver, log_out, end_all):
    log_out(party)
    log_out(party)
    end_all()
    assert len(told(receiver)) == 1


def test_clients_where_the_person_is_not_signed_in_are_not_told(party, receiver, end_all):
    make_service("secret")
    Client.objects.filter(client_id="recorder").update(backchannel_logout_uri=receiver.url + "/another")
    make_person("bob")
    end_all("bob")
    assert receiver.asked == []
    end_all("alice")
    assert [asked.path for asked in receiver.asked] == [PATH]


@pytest.mark.slow
def test_client_whose_refresh_token_is_gone_is_told_while_it_can_ask(party, receiver, end_all):
    User.objects.get(username="alice").oauth2_provider_refreshtoken.update(revoked=timezone.now())
    end_all()
    assert len(told(receiver)) == 1


def test_clients_without_an_address_are_not_told(party, receiver, end_all):
    Client.objects.update(backchannel_logout_uri="")
    end_all()
    assert receiver.asked == []


def test_address_that_staff_took_away_meanwhile_is_not_told(party, receiver, end_all, monkeypatch):
    queue = tasks.tell_logout.apply_async

    def after_the_change(**call):
        Client.objects.update(backchannel_logout_uri="")
        return queue(**call)

    monkeypatch.setattr(tasks.tell_logout, "apply_async", after_the_change)
    end_all()
    assert receiver.asked == []


def test_logout_that_is_rolled_back_tells_nobody(party, receiver, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        services.end_sessions(user=User.objects.get(username="alice"), actor=Actor.by_job("test"))
        transaction.set_rollback(True)
    assert receiver.asked == []


# ---- Receivers fail ----


@pytest.mark.slow
def test_dead_receiver_does_not_fail_the_logout(party, receiver, log_out, caplog):
    receiver.close()
    log_out(party)
    assert "the client Frontend was not told of a logout" in caplog.text
    assert "eyJ" not in caplog.text


@pytest.mark.slow
def test_receiver_that_refuses_is_told_four_times(party, receiver, log_out, caplog):
    receiver.on(PATH, Reply(status=500))
    log_out(party)
    assert receiver.count[PATH] == 4
    assert "the answer's status is 500" in caplog.text


@pytest.mark.slow
def test_receiver_that_comes_up_is_told_of_the_same_moment_by_another_token(party, receiver, log_out, caplog):
    answers = [Reply(status=503), Reply(status=204)]
    with time_machine.travel(int(time.time()), tick=False) as clock:

        def answer(_asked):
            clock.shift(10)
            return answers.pop(0)

        receiver.on(PATH, answer)
        log_out(party)
        first, second = (read(token, "Frontend") for token in told(receiver))
    assert first.pop("jti") != second.pop("jti")
    assert first | {"exp": first["exp"] + 10} == second
    assert "was not told" not in caplog.text


@pytest.mark.slow
def test_broker_that_is_down_does_not_fail_the_logout(party, receiver, log_out, monkeypatch, caplog):
    calls = []

    def refuse(**call):
        calls.append(call)
        raise OperationalError("nobody listens")

    monkeypatch.setattr(tasks.tell_logout, "apply_async", refuse)
    log_out(party)
    assert [call["retry"] for call in calls] == [False]
    assert "the broker cannot be told of logouts" in caplog.text


# ---- Our own receiver, and the admin ----


def post(token):
    body = urlencode({"logout_token": token})
    return Browser().post("/v1/auth/logout", body, content_type="application/x-www-form-urlencoded")


@pytest.mark.slow
def test_this_site_understands_what_it_says(party, receiver, log_out):
    log_out(party)
    (token,) = told(receiver)
    alice = User.objects.get(username="alice")
    User.objects.filter(pk=alice.pk).update(oidc_sub=unverified(token)["sub"])
    assert post(token).status_code == 200
    alice.refresh_from_db()
    assert alice.sessions_ended_at.timestamp() == unverified(token)["iat"]


@pytest.mark.slow
def test_this_site_refuses_what_it_says_to_others(party, receiver, log_out, settings):
    settings.OIDC_CLIENT_IDS = ["another"]
    log_out(party)
    (token,) = told(receiver)
    assert post(token).status_code == 400


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "is_taken"),
    [("https://cloud.example.com/logout", True), ("ftp://cloud.example.com/", False), ("javascript:alert(1)", False)],
)
def test_staff_enters_the_address(party, address, is_taken):
    admin = Browser()
    admin.force_login(factories.staff())
    page = f"/admin/users/client/{Client.objects.get(client_id='Frontend').pk}/change/"
    form = admin.get(page).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    answer = admin.post(page, values | {"roles": "[]", "backchannel_logout_uri": address})
    assert answer.status_code == (302 if is_taken else 200)
    assert Client.objects.filter(backchannel_logout_uri=address).exists() == is_taken
