"""Cronofy's library against the running site, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pycronofy
import pytest

from tests.databases import Database
from tests.site import Site

pytestmark = pytest.mark.tree
AT_ONCE = 8
MAKE_KEY = """
from activity.actors import Actor
from integrations.cronofy.applications import add_key, save_application
from integrations.cronofy.models import Application
from users.models import User
planner = User.objects.get(username="alice")
made = Application(name="Interviews", tenant=planner.tenant, service_user=planner)
save_application(application=made, actor=Actor.by_job("test"), changes={})
print("key", add_key(application=made, actor=Actor.by_job("test"), ends_others=False))
"""
TALK = {
    "summary": "Interview 42",
    "start": "2030-01-21T09:30:00Z",
    "end": "2030-01-21T10:00:00Z",
    "tzid": "Europe/Paris",
}
COUNT = """
SELECT (SELECT count(*) FROM events_event WHERE title = 'Interview 42'), (SELECT count(*) FROM cronofy_smartinvite)
"""


def test_same_id_at_once_makes_one_meeting(tmp_path: Path, database: Database) -> None:
    with Site(tmp_path, DATABASE_URL=database.url) as site:
        key = site.manage("shell", "-v", "0", "-c", MAKE_KEY).split()[-1]

        def invite(number: int) -> dict[str, Any]:
            client = pycronofy.Client(client_secret=key)
            client.request_handler.base_url = site.url
            found: dict[str, Any] = client.upsert_smart_invite(
                "inv-42", {"email": f"p{number % 2}@example.org"}, {**TALK}
            )
            return found

        with ThreadPoolExecutor(AT_ONCE) as threads:
            found = list(threads.map(invite, range(AT_ONCE)))
        assert {one["recipient"]["status"] for one in found} == {"pending"}
        assert list(map(tuple, database.rows(COUNT))) == [(1, 1)]
        client = pycronofy.Client(client_secret=key)
        client.request_handler.base_url = site.url
        client.cancel_smart_invite("inv-42", [{"email": f"p{number}@example.org"} for number in range(2)])
        assert list(map(tuple, database.rows(COUNT))) == [(0, 1)]
        assert client.get_smart_invite("inv-42", "p0@example.org")["method"] == "cancel"
