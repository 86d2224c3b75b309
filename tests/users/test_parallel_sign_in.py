"""The frontend sends several requests at once, also the very first ones of a person."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from activity.models import Activity
from tests import factories
from users.models import Group, Tariff, Tenant, User
from users.oidc.claims import Claims
from users.services import provision_user

REQUESTS = 20


def at_once(claims: list[Claims]) -> list[User]:
    """Provisions all of them, each in a thread and with a database connection of its own."""
    start = threading.Barrier(len(claims))

    def provision(one: Claims) -> User:
        try:
            start.wait()
            return provision_user(claims=one)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(claims)) as threads:
        return list(threads.map(provision, claims))


def claims_of(sub: str) -> Claims:
    groups = ("a", "b", "c")
    return Claims(sub=sub, email="alice@example.com", given_name="Alice", family_name="Adams", groups=groups)


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("is_embedded", [True, False])
def test_twenty_first_requests_make_one_user(settings, is_embedded):
    settings.OIDC_IS_EMBEDDED = is_embedded
    # Somebody was here before, or all would wait for the first one's tenant and tariff.
    account = factories.user("alice", registered=False)
    sub = str(account.pk) if is_embedded else "alice"
    (user,) = set(at_once([claims_of(sub)] * REQUESTS))
    assert (user == account) is is_embedded
    assert user.tenant_groups.count() == 3
    assert (Tenant.objects.count(), Tariff.objects.count(), Group.objects.count()) == (1, 1, 3)
    assert Activity.objects.filter(kind="user.created").count() == 1


@pytest.mark.service
@pytest.mark.usefixtures("postgresql")
def test_twenty_people_at_once(settings):
    settings.OIDC_IS_EMBEDDED = False
    users = at_once([claims_of(f"person {number}") for number in range(REQUESTS)])  # in a database without any row
    assert len({user.pk for user in users}) == REQUESTS
    assert (Tenant.objects.count(), Tariff.objects.count(), Group.objects.count()) == (1, 1, 3)


IN_A_FILE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
from tests.users.test_parallel_sign_in import at_once, claims_of
print(len({user.pk for user in at_once([claims_of("alice")] * 8)}))
"""


@pytest.mark.slow
def test_first_requests_make_one_user_in_a_file_too(tmp_path):
    """In a process of its own: the suite's database lies in memory, where threads do not wait for each other."""
    names = {"VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    names |= {"OIDC_ISSUER": "https://login.example.com", "DJANGO_SETTINGS_MODULE": "tests.unmigrated_settings"}
    command = [sys.executable, "-c", IN_A_FILE]
    done = subprocess.run(command, env=os.environ | names, check=False, capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
