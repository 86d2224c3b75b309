"""`manage.py jobs`: what it prints, and its exit codes."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from events.models import Event
from operations import job
from operations.jobs import JOBS
from operations.jobs.event_cleanup import EventCleanup
from operations.jobs.self_check import SelfCheck
from operations.models import JobRun
from tests import factories
from tests.operations.test_cleanup import past

pytestmark = pytest.mark.django_db


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> str:
        call_command("jobs", *arguments)
        return capsys.readouterr().out

    return run


def refused(*arguments: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as raised:
        call_command("jobs", *arguments)
    return raised.value.returncode, str(raised.value)


def test_execute_names_what_it_did(output: Any) -> None:
    past(factories.user("alice"), 40, title="long over")
    dry = ["execute", "event-cleanup", "--hide-duration", "--dry-run"]
    assert output(*dry) == "long over\nevent-cleanup: 1 objects would be changed\n"
    assert output(*dry[:-1]) == "long over\nevent-cleanup: 1 objects changed\n"
    assert not Event.objects.exists()


def test_execute_takes_parameters_as_upstream(output: Any) -> None:
    past(factories.user("alice"), 3)
    parameters = '{"days_since_last_occurrence": 2, "fail_on_shared_folder_deletion_error": true}'
    row = json.loads(output("execute", "event-cleanup", "--parameters", parameters, "--json", "--timeout", "60"))
    assert (row["state"], row["changed"], row["failed"]) == ("succeeded", 1, 0)
    assert row["parameters"] == {
        "force": False,
        "days_since_last_occurrence": 2,
        "fail_on_shared_folder_deletion_error": True,
    }


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("{", "--parameters is no JSON"),
        ("[]", "--parameters must be a JSON object"),
        ('{"days": 1}', "event-cleanup has no parameter days. It has: force, "),
        ('{"days_since_last_occurrence": 0}', "Expected `int` >= 1 - at `$.days_since_last_occurrence`"),
        ('{"days_since_last_occurrence": "30"}', "Expected `int`, got `str`"),
    ],
)
def test_wrong_parameters(parameters: str, message: str) -> None:
    code, text = refused("execute", "event-cleanup", "--parameters", parameters)
    assert code == 2
    assert message in text
    assert not JobRun.objects.exists()


def test_exit_code_of_a_run_beside_another() -> None:
    JobRun.objects.create(job="event-cleanup", expires_at=timezone.now() + timedelta(hours=1))
    assert refused("execute", "event-cleanup") == (3, "Another run of event-cleanup is going on.")


def test_exit_codes_of_the_threshold_and_of_an_object_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    alice = factories.user("alice")
    for _number in range(11):
        past(alice, 40)
    code, text = refused("execute", "event-cleanup")
    assert code == 4
    assert "11 of 11 would be changed" in text
    monkeypatch.setattr(EventCleanup, "label", lambda self, one: one.no_such_thing)
    assert refused("execute", "event-cleanup", "--force")[0] == 1


def test_defaults_of_each_job_are_json_that_makes_it(output: Any) -> None:
    for name in JOBS:
        assert output("defaults", name) == output("default-parameters", name)
    assert json.loads(output("defaults", "adhoc-event-cleanup")) == {
        "force": False,
        "seconds_since_creation": 86400,
        "fail_on_shared_folder_deletion_error": False,
    }


def test_list_and_history(output: Any) -> None:
    assert output("history") == "no runs\n"
    past(factories.user("alice"), 40)
    job.run(EventCleanup(), is_dry_run=True)
    job.run(EventCleanup())
    listed = {row["job"]: row for row in json.loads(output("list", "--json"))}
    assert set(listed) == set(JOBS)
    assert (listed["event-cleanup"]["state"], listed["event-cleanup"]["changed"]) == ("succeeded", 1)
    assert listed["room-cleanup"]["started"] is None
    lines = output("list").splitlines()
    assert lines[0].split() == ["job", "title", "started", "state", "changed", "failed"]
    assert len(lines) == len(JOBS) + 1
    assert [row["dry_run"] for row in json.loads(output("history", "event-cleanup", "--json"))] == [False, True]
    assert output("history", "room-cleanup") == "no runs\n"


def test_self_check_writes_at_each_level_and_asks_the_broker(caplog: pytest.LogCaptureFixture, output: Any) -> None:
    with caplog.at_level("DEBUG", logger="operations.jobs.self_check"):
        row = job.run(SelfCheck())
    assert row is not None
    assert row.state == "succeeded", row.error
    assert row.result["broker_milliseconds"] > 0
    levels = [record.levelname for record in caplog.records if "writes a line" in record.message]
    assert levels == ["DEBUG", "INFO", "WARNING", "ERROR"]
