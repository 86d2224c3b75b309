"""What probes and Prometheus are told, by whom it can be asked, and the lines about requests in the log."""

import json
import logging
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mailer.models import OutgoingMail
from opentalk_site.logs import JsonFormatter
from operations import health, metrics
from operations.health import Check
from rest.request_id import RequestIdFilter
from tests import factories
from tests.local_server import LocalServer, Reply

pytestmark = pytest.mark.django_db
FINE = {"database": "ok", "migrations": "ok", "broker": "ok", "mails": "ok", "log_readers": "ok"}


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast tests make their tables without migrations."""
    monkeypatch.setattr(health, "_migrations", lambda: Check("migrations", "ok"))
    monkeypatch.setattr(health, "_broker", health._Broker())


def ready(client: Client) -> tuple[int, Any]:
    answer = client.get("/health/ready")
    assert answer["Cache-Control"].startswith("max-age=0")
    return answer.status_code, answer.json()


def test_process_that_lives_says_so_and_asks_nobody(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert client.post("/health/live").status_code == 405


def test_site_that_is_ready(client: Client) -> None:
    assert ready(client) == (200, {"status": "ok", "checks": FINE})


def test_no_requests_without_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("connection to 10.1.2.3 refused")

    monkeypatch.setattr(connection, "ensure_connection", fail)
    assert ready(client) == (503, {"status": "failed", "checks": {"database": "failed"}})


def test_no_requests_before_the_migrations(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Executor:
        def __init__(self, _connection: Any) -> None:
            self.loader = self.graph = self

        def leaf_nodes(self) -> list[Any]:
            return []

        def migration_plan(self, _nodes: Any) -> list[Any]:
            return plan

    migration = type("Migration", (), {"app_label": "rooms", "name": "0003_standalone"})
    plan = [(migration, False)]
    monkeypatch.setattr(health, "MigrationExecutor", Executor)
    monkeypatch.setattr(health, "_migrations", health._Migrations())
    assert ready(client) == (503, {"status": "failed", "checks": {"database": "ok", "migrations": "failed"}})
    assert health.checks()[1].told == "1 are not applied: rooms.0003_standalone …"
    plan.clear()
    assert ready(client)[0] == 200
    plan.append((migration, False))
    assert ready(client)[0] == 200  # what is applied stays so, and is not looked for again


def test_without_the_broker_requests_come_all_the_same(client: Client, settings: Any) -> None:
    broker = health._Broker()
    broker.problem, broker.asked_at = "ConnectionRefusedError", float("inf")
    health._broker = broker
    assert ready(client) == (200, {"status": "warning", "checks": FINE | {"broker": "warning"}})


def test_mails_that_do_not_leave_are_a_warning(client: Client) -> None:
    factories.event(factories.user("alice"), suppress_mail=False)
    assert ready(client)[1]["status"] == "ok"
    OutgoingMail.objects.update(next_try_at=timezone.now() - timedelta(minutes=6))
    assert ready(client) == (200, {"status": "warning", "checks": FINE | {"mails": "warning"}})


# --- Metrics ---


@pytest.mark.parametrize("networks", [[], ["10.0.0.0/8", "::1/128"]])
def test_metrics_are_closed(client: Client, settings: Any, networks: list[str]) -> None:
    settings.METRICS_ALLOWED = [ip_network(network) for network in networks]
    answer = client.get("/metrics")
    assert answer.status_code == 404
    assert b"opentalk_site_" not in answer.content


def test_forwarded_address_of_a_stranger_opens_nothing(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOWED = [ip_network("10.0.0.0/8")]
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.1.2.3"}).status_code == 404


def test_metrics(client: Client, settings: Any) -> None:
    settings.METRICS_ALLOWED = [ip_network("127.0.0.0/8")]
    factories.event(factories.user("alice"), suppress_mail=False)
    answer = client.get("/metrics")
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.content.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['opentalk_site_check{check="database"}'] == "0"
    assert values['opentalk_site_mails_waiting{state="queued"}'] == "1"
    assert values["opentalk_site_live_meetings"] == "0"
    assert (
        0 <= float(values["opentalk_site_log_readers_lag_seconds"]) < 60
    )  # this test's own transaction hides its rows
    names = {name.partition("{")[0] for name in values}
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} >= names
    assert all(float(value) >= 0 for value in values.values())


def test_metrics_cost_the_same_however_much_waits() -> None:
    alice, counts = factories.user("alice"), []
    for _time in range(2):
        factories.event(alice, suppress_mail=False)
        with CaptureQueriesContext(connection) as captured:
            list(metrics.metrics())
        counts.append(len(captured))
    assert counts[0] == counts[1] < 15


# --- The command ---


def test_command_asks_a_site(capsys: pytest.CaptureFixture[str]) -> None:
    with LocalServer() as site:
        site.on("/health/ready", Reply({"status": "warning"}))
        call_command("health", f"{site.url}/health/ready")
        assert capsys.readouterr().out == '{"status": "warning"}\n'
        site.on("/health/ready", Reply({"status": "failed"}, status=503))
        with pytest.raises(CommandError, match="answered 503"):
            call_command("health", f"{site.url}/health/ready")
    with pytest.raises(CommandError):
        call_command("health", f"{site.url}/health/ready")


# --- Lines in the log ---


def test_each_request_leaves_one_line_with_its_route(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    code = "6d2f8f0e-2c1b-4b5e-9a57-0d8e3b7c1a42"
    with caplog.at_level("INFO", logger="rest.requests"):
        client.get(f"/invite/{code}", headers={"X-Request-Id": "probe-1"})
        client.get("/no/such/page")
        client.get("/static/favicon.svg").close()
    records: list[Any] = [record for record in caplog.records if record.name == "rest.requests"]
    told = [(record.method, record.route, record.status) for record in records]
    assert told == [("GET", "/invite/<uuid:code>", told[0][2]), ("GET", "an unknown path", 404)]
    assert code not in caplog.text
    assert records[0].milliseconds > 0


def test_json_lines_hold_what_the_caller_says_and_the_exception() -> None:
    try:
        raise ValueError("no")
    except ValueError as error:
        found = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("rest.requests", logging.INFO, "", 1, "%s at %s", ("GET", "ü"), found)
    record.status = 200
    RequestIdFilter().filter(record)
    line = json.loads(JsonFormatter().format(record))
    assert line.pop("time").endswith("+00:00")
    assert line.pop("exception").endswith("ValueError: no")
    assert line == {
        "level": "INFO",
        "logger": "rest.requests",
        "message": "GET at ü",
        "status": 200,
        "request_id": "-",
    }
