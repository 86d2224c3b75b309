"""A code is good once; one that comes again was copied, so what was issued for it ends (RFC 6749 4.1.2)."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from oauth2_provider.models import AccessToken, Grant, RefreshToken
from oauth2_provider.views import TokenView as ToolkitTokenView

from tests.users.relying_party import RelyingParty, make_person, make_service
from users.models import Client
from users.provider.clients import ensure_clients
from users.provider.validator import Validator

TOGETHER = 8


@pytest.fixture
def party(db):
    ensure_clients()
    make_person()
    return RelyingParty()


@pytest.mark.slow
def test_second_use_is_refused_and_ends_the_session(party):
    code = party.code()
    tokens = party.exchange(code).json()
    answer = party.exchange(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert party.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()


@pytest.mark.slow
def test_second_use_ends_what_was_refreshed_meanwhile(party):
    code = party.code()
    first = party.exchange(code).json()
    second = party.refresh(first["refresh_token"]).json()
    party.exchange(code)
    for tokens in (first, second):
        assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert not RefreshToken.objects.filter(revoked=None).exists()


@pytest.mark.slow
def test_second_use_ends_no_other_session(party):
    phone = RelyingParty()
    code, other = party.code(), phone.sign_in()
    party.exchange(code)
    party.exchange(code)
    assert phone.refresh(other["refresh_token"]).status_code == 200


@pytest.mark.slow
def test_another_client_ends_nothing_with_it(party):
    Client.objects.create(
        client_id="other",
        client_type=Client.CLIENT_PUBLIC,
        authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE,
        redirect_uris="http://127.0.0.1:8000/auth/callback",
    )
    make_service("secret")
    code = party.code()
    tokens = party.exchange(code).json()
    assert party.exchange(code, client_id="other").json()["error"] == "invalid_grant"
    assert party.exchange(code, client_id="recorder").status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 200


def test_wrong_verifier_leaves_the_code_good(party):
    code = party.code()
    assert party.exchange(code, code_verifier="w" * 64).status_code == 400
    assert party.exchange(code).status_code == 200


@pytest.mark.parametrize(
    "step", ["get_code_challenge", "get_code_challenge_method", "confirm_redirect_uri", "save_bearer_token"]
)
def test_code_that_another_request_takes_in_between_is_refused(party, monkeypatch, step):
    """At each step at which the toolkit looks for it again."""
    original = getattr(Validator, step)

    def after_another(self, *args, **kwargs):
        Grant.objects.all().delete()
        return original(self, *args, **kwargs)

    code = party.code()
    monkeypatch.setattr(Validator, step, after_another)
    answer = party.exchange(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert answer["Cache-Control"] == "no-store"
    assert not RefreshToken.objects.exists()


def at_once(code):
    """The statuses of exchanges that arrive together, each in a thread and with a connection of its own."""
    start = threading.Barrier(TOGETHER)

    def exchange(_number):
        try:
            start.wait()
            return RelyingParty().exchange(code).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TOGETHER) as threads:
        return sorted(threads.map(exchange, range(TOGETHER)))


@pytest.mark.service
def test_eight_at_once_bring_one_session_that_ends(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("DATABASE_URL names no PostgreSQL")
    ensure_clients()
    make_person()
    for _time in range(5):
        assert at_once(RelyingParty().code()) == [200] + [400] * (TOGETHER - 1)
        assert not RefreshToken.objects.filter(revoked=None).exists()
        assert not AccessToken.objects.exists()


IN_A_FILE = """
import django
django.setup()
from django.core.management import call_command
from django.test.utils import setup_test_environment
setup_test_environment()
call_command("migrate", run_syncdb=True, verbosity=0)
from oauth2_provider.models import RefreshToken
from tests.users.relying_party import RelyingParty, make_person
from tests.users.test_code_used_twice import at_once
from users.provider.clients import ensure_clients
ensure_clients()
make_person()
for _time in range(5):
    print(at_once(RelyingParty().code()), RefreshToken.objects.filter(revoked=None).count())
"""


@pytest.mark.slow
def test_eight_at_once_in_a_file_too(tmp_path):
    """In a process of its own: the suite's database lies in memory, where threads do not wait for each other."""
    names = {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    names |= {"DJANGO_SETTINGS_MODULE": "tests.unmigrated_settings"}
    names |= {"ALLOWED_HOSTS": "testserver", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-c", IN_A_FILE]
    done = subprocess.run(command, env=os.environ | names, check=False, capture_output=True, text=True, timeout=120)
    expected = f"{[200] + [400] * (TOGETHER - 1)} 0\n" * 5
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr


def test_token_that_is_revoked_before_it_is_answered_is_no_error_of_ours(client, db, monkeypatch):
    """Another request used the same code in that moment."""

    def revoked(*_request, **_how):
        raise AccessToken.DoesNotExist

    monkeypatch.setattr(ToolkitTokenView, "post", revoked)
    answer = client.post("/oidc/token/", {"grant_type": "authorization_code"})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    assert answer["Cache-Control"] == "no-store"
