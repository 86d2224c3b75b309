"""Change sets."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

from activity.changes import assign, between, changes_of, in_json


def test_what_differs_is_found_and_set():
    row = SimpleNamespace(title="Old", size=3, text="a\r\nb")
    changes = changes_of(row, {"title": "New", "size": 3, "text": "a\nb"})
    assert changes == {"title": ("Old", "New")}
    assign(row, changes)
    assert vars(row) == {"title": "New", "size": 3, "text": "a\r\nb"}


def test_texts_are_stored_with_lf():
    assert between({"text": "a"}, {"text": "a\r\nb\rc"}) == {"text": ("a", "a\nb\nc")}


def test_log_has_json_values():
    moment, key = datetime(2026, 11, 23, 9, tzinfo=UTC), UUID(int=1)
    assert in_json({"at": (None, moment), "row": (key, "x"), "pattern": ([], ["RRULE"]), "is": (True, 2)}) == {
        "at": (None, "2026-11-23T09:00:00Z"),
        "row": (str(key), "x"),
        "pattern": ([], ["RRULE"]),
        "is": (True, 2),
    }
