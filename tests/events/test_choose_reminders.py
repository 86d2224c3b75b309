"""GET and PUT /v1/users/me/reminders and /v1/events/{id}/reminders."""

from typing import Any

import pytest

from events.models import NextReminder, Reminder
from operations.tasks import run_job
from tests.circle import Circle
from tests.events.changes import before_the_lock
from tests.traces import Traces

pytestmark = pytest.mark.django_db
USUAL = "/v1/users/me/reminders"
TEN, EVENING = {"minutes_before": 10}, {"days_before": 1, "at": "18:00"}


@pytest.fixture
def circle() -> Circle:
    return Circle()


def path(circle: Circle) -> str:
    return f"{circle.path}/reminders"


def test_who_has_said_nothing_has_none(circle: Circle) -> None:
    bob = circle.api("invitee")
    assert bob.get(USUAL).json() == {"enabled": True, "reminders": []}
    assert bob.get(path(circle)).json() == {"reminders": None, "for_everybody": []}


def test_usual_reminders_are_kept_in_order_each_once(circle: Circle) -> None:
    bob = circle.api("invitee")
    answer = bob.put(USUAL, {"enabled": True, "reminders": [EVENING, TEN, TEN]})
    assert (answer.status_code, answer.json()) == (200, {"enabled": True, "reminders": [EVENING, TEN]})
    assert bob.get(USUAL).json() == answer.json()
    assert circle.api("creator").get(USUAL).json()["reminders"] == []


def test_usual_reminders_reach_the_meetings_by_the_job(circle: Circle) -> None:
    circle.api("invitee").put(USUAL, {"enabled": True, "reminders": [TEN]})
    assert not NextReminder.objects.exists()
    run_job("send-reminders")
    assert NextReminder.objects.get().event == circle.event
    assert not Reminder.objects.filter(is_planned=False).exists()


def test_own_choice_is_the_persons_alone(circle: Circle) -> None:
    answer = circle.api("invitee").put(path(circle), {"reminders": [TEN]})
    assert answer.json() == {"reminders": [TEN], "for_everybody": []}
    assert circle.api("creator").get(path(circle)).json() == {"reminders": None, "for_everybody": []}


def test_null_takes_the_own_choice_back(circle: Circle) -> None:
    bob = circle.api("invitee")
    bob.put(path(circle), {"reminders": []})
    assert bob.put(path(circle), {"reminders": None}).json() == {"reminders": None, "for_everybody": []}
    assert not Reminder.objects.exists()


def test_creator_sets_them_for_everybody(circle: Circle) -> None:
    answer = circle.api("creator").request(
        "PUT", path(circle), {"reminders": [EVENING]}, query={"for_everybody": "true"}
    )
    assert answer.json() == {"reminders": None, "for_everybody": [EVENING]}
    assert circle.api("invitee").get(path(circle)).json() == answer.json()


def test_invitee_cannot_set_them_for_everybody(circle: Circle) -> None:
    answer = circle.api("invitee").request("PUT", path(circle), {"reminders": []}, query={"for_everybody": "true"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not Reminder.objects.exists()


def test_empty_list_for_everybody_is_none(circle: Circle) -> None:
    for reminders in ([TEN], []):
        circle.api("creator").request("PUT", path(circle), {"reminders": reminders}, query={"for_everybody": "true"})
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({}, "reminders.0"),
        (TEN | EVENING, "reminders.0"),
        ({"days_before": 1}, "reminders.0"),
        ({"minutes_before": -1}, "reminders.0.minutes_before"),
        ({"minutes_before": 28 * 1440 + 1}, "reminders.0.minutes_before"),
        ({"minutes_before": "10"}, "reminders.0.minutes_before"),
        ({"days_before": 1, "at": "24:00"}, "reminders.0.at"),
        ({"days_before": 1, "at": "18:00:30"}, "reminders.0.at"),
        ({"days_before": 29, "at": "18:00"}, "reminders.0.days_before"),
    ],
)
def test_bad_rule_is_refused_by_its_place(circle: Circle, rule: Any, field: str) -> None:
    bob = circle.api("invitee")
    for answer in (
        bob.put(path(circle), {"reminders": [rule]}),
        bob.put(USUAL, {"enabled": True, "reminders": [rule]}),
    ):
        assert answer.status_code in {400, 422}, answer.content
        assert field in answer.content.decode().replace("[0]", ".0")
    assert not Reminder.objects.exists()


def test_more_than_five_rules_are_refused(circle: Circle) -> None:
    rules = [{"minutes_before": number} for number in range(6)]
    assert circle.api("invitee").put(path(circle), {"reminders": rules}).status_code == 422


def test_same_choice_again_leaves_no_trace(circle: Circle) -> None:
    bob = circle.api("invitee")
    bob.put(path(circle), {"reminders": [TEN]})
    traces = Traces()
    bob.put(path(circle), {"reminders": [TEN]})
    assert traces.is_empty()


def test_log_tells_the_person_of_an_own_choice_and_everybody_of_theirs(circle: Circle) -> None:
    bob, traces = circle.api("invitee"), Traces()
    bob.put(USUAL, {"enabled": True, "reminders": [TEN]})
    bob.put(path(circle), {"reminders": [TEN]})
    circle.api("creator").request("PUT", path(circle), {"reminders": [TEN]}, query={"for_everybody": "true"})
    assert traces.activities() == [
        ("reminders.updated", ["bob"]),
        ("reminders.updated", ["bob"]),
        ("reminders.updated", ["alice", "bob"]),
    ]
    assert traces.mails() == []


def test_who_was_uninvited_meanwhile_has_no_choice(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    invite = f"{circle.path}/invites/{circle.bob.pk}"
    before_the_lock(monkeypatch, lambda: circle.api("creator").delete(invite))
    assert circle.api("invitee").put(path(circle), {"reminders": [TEN]}).status_code == 403
    assert not Reminder.objects.exists()
