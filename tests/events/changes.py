"""Bodies of PATCH /v1/events/{id} and what they are sent to."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from events.models import EventException
from events.services import events as services
from tests import factories
from tests.circle import Circle

WEEKLY = ("RRULE:FREQ=WEEKLY",)


def time(text: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"datetime": text, "timezone": zone}


# What the frontend's form sends, the recurrence aside.
FORM = {
    "title": "Team meeting",
    "description": "",
    "waiting_room": False,
    "show_meeting_details": False,
    "password": None,
    "is_time_independent": False,
    "is_adhoc": False,
    "has_shared_folder": False,
    "streaming_targets": [],
    "starts_at": time("2026-11-23T10:00:00+01:00"),
    "ends_at": time("2026-11-23T11:00:00+01:00"),
    "is_all_day": False,
}


def weekly(**fields: Any) -> Circle:
    """A weekly meeting with one cancelled occurrence."""
    circle = Circle(schedule=factories.schedule(pattern=WEEKLY), **fields)
    EventException.objects.create(
        event=circle.event,
        original_starts_at=datetime(2026, 11, 30, 9, tzinfo=UTC),
        kind="cancelled",
        created_by=circle.alice,
        updated_by=circle.alice,
    )
    return circle


def change(circle: Circle, body: dict[str, Any], **query: Any) -> Any:
    return circle.api("creator").patch(circle.path, body, **query)


def refused(answer: Any) -> list[tuple[str, str]]:
    """The entries of a 422."""
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    return [(entry["field"], entry["code"]) for entry in answer.json()["validation_errors"]]


def before_the_lock(monkeypatch: pytest.MonkeyPatch, other: Callable[[], Any]) -> None:
    """`other` happens when the next request has read the event, and does not hold its row yet."""
    held = services._held

    def late(**which: Any) -> Any:
        monkeypatch.setattr(services, "_held", held)
        other()
        return held(**which)

    monkeypatch.setattr(services, "_held", late)
