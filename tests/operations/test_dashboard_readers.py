"""The dashboard says how far readers of the log are behind it, to whoever sees the jobs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from activity import reader
from rest import live
from tests import factories
from tests.staff.holding import browser_of, with_role
from users.roles import TENANT_ADMINISTRATOR

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def figures(browser: Any) -> dict[str, Any]:
    return dict(json.loads(browser.get("/admin/dashboard.json").content))


@time_machine.travel(NOW, tick=False)
def test_readers_are_up_to_date_where_nothing_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "hidden_since", lambda: None)
    monkeypatch.setattr(live, "running", {1, 2})
    admin = browser_of(factories.staff())
    assert figures(admin)["readers"] == {"hidden_since": None, "lag_seconds": 0, "waiting": 2}
    told = "2 programs wait for news at this process; readers of the activity log are up to date."
    assert told in admin.get("/admin/").content.decode()


@time_machine.travel(NOW, tick=False)
def test_readers_who_wait_for_minutes_need_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = browser_of(factories.staff())
    for age, is_late in ((timedelta(seconds=5), False), (timedelta(minutes=2), True)):
        monkeypatch.setattr(reader, "hidden_since", lambda age=age: NOW - age)
        found = figures(admin)
        assert found["readers"]["lag_seconds"] == age.total_seconds()
        assert ("readers_late" in {point["code"] for point in found["attention"]}) is is_late
    assert "have waited for 2\u00a0minutes" in admin.get("/admin/").content.decode()


def test_who_sees_no_jobs_sees_no_readers() -> None:
    boss = browser_of(with_role(TENANT_ADMINISTRATOR, factories.tenant("own")))
    assert "readers" not in figures(boss)
