"""`training_participation_report` of an event is stored and answered (contract 9.5)."""

from typing import Any

import pytest

from tests import factories
from tests.api import Api
from tests.circle import Circle
from tests.events.changes import FORM, change
from tests.traces import Traces

pytestmark = pytest.mark.django_db
REPORT = {
    "initial_checkpoint_delay": {"after": 600, "within": 1200},
    "checkpoint_interval": {"after": 6300, "within": 1800},
}


def body(report: Any) -> dict[str, Any]:
    return {"training_participation_report": report}


def test_it_is_answered_as_it_was_given() -> None:
    api = Api(factories.user())
    created = api.post("/v1/events", factories.WEEKLY | body(REPORT)).json()
    assert created["training_participation_report"] == REPORT
    assert api.get(f"/v1/events/{created['id']}").json()["training_participation_report"] == REPORT
    assert [event["training_participation_report"] for event in api.get("/v1/events").json()] == [REPORT]
    for path in (f"/v1/events/{created['id']}/instances", "/v1/events/instances"):
        shown = api.get(path, per_page="3").json()
        assert [instance["training_participation_report"] for instance in shown] == [REPORT] * 3


@pytest.mark.parametrize("given", [{}, body(None)])
def test_it_is_absent_where_there_is_none(given: dict[str, Any]) -> None:
    api = Api(factories.user())
    event = api.post("/v1/events", factories.WEEKLY | given).json()
    for answer in (event, *api.get(f"/v1/events/{event['id']}/instances").json()):
        assert "training_participation_report" not in answer


@pytest.mark.slow
def test_patch_sets_it_null_removes_it_and_the_frontends_form_keeps_it() -> None:
    circle, traces = Circle(), Traces()
    assert change(circle, body(REPORT)).json()["training_participation_report"] == REPORT
    assert traces.mails() == []
    assert change(circle, FORM).json()["training_participation_report"] == REPORT
    assert "training_participation_report" not in change(circle, body(None)).json()


def report(**ranges: Any) -> dict[str, Any]:
    return body(REPORT | ranges)


@pytest.mark.parametrize(
    ("given", "status", "entries"),
    [
        (body({}), 400, [("initial_checkpoint_delay", "value_required"), ("checkpoint_interval", "value_required")]),
        (body([]), 400, [("", "invalid_value")]),
        (body("x"), 400, [("", "invalid_value")]),
        (report(checkpoint_interval=None), 400, [("checkpoint_interval", "value_required")]),
        (
            report(checkpoint_interval={}),
            400,
            [("checkpoint_interval.after", "value_required"), ("checkpoint_interval.within", "value_required")],
        ),
        (
            report(checkpoint_interval={"after": 59, "within": -1}),
            422,
            [("checkpoint_interval.after", "out_of_range"), ("checkpoint_interval.within", "out_of_range")],
        ),
        (
            report(initial_checkpoint_delay={"after": 36001, "within": 36001}),
            422,
            [("initial_checkpoint_delay.after", "out_of_range"), ("initial_checkpoint_delay.within", "out_of_range")],
        ),
        (
            report(initial_checkpoint_delay={"after": "60", "within": 1.5}),
            400,
            [("initial_checkpoint_delay.after", "invalid_value"), ("initial_checkpoint_delay.within", "invalid_value")],
        ),
    ],
)
def test_each_bad_value_has_its_entry(given: dict[str, Any], status: int, entries: list[tuple[str, str]]) -> None:
    answer = change(Circle(), given)
    assert answer.status_code == status
    assert [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]] == [
        (f"training_participation_report.{field}".rstrip("."), code) for field, code in entries
    ]


@pytest.mark.parametrize("edge", [{"after": 60, "within": 0}, {"after": 36000, "within": 36000}])
def test_ends_of_the_ranges_are_good(edge: dict[str, int]) -> None:
    assert change(Circle(), report(checkpoint_interval=edge)).status_code == 200


@pytest.mark.slow
def test_form_of_the_frontend_of_2025_keeps_password_and_report() -> None:
    """What it leaves out looks like what a program leaves out that only moves the meeting (docs/operations.md)."""
    circle = Circle(password="open sesame")
    change(circle, body(REPORT))
    form = {name: value for name, value in FORM.items() if name != "password"} | {"trainingParticipationReport": {}}
    answer = change(circle, form).json()
    assert (answer["room"]["password"], answer["training_participation_report"]) == ("open sesame", REPORT)
    assert "password" not in change(circle, form | {"password": None}).json()["room"]
