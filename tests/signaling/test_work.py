"""What modules hear of other apps when a session opens."""

from typing import Any

import pytest

from events.models import SharedFolder
from signaling import work
from tests.circle import Circle

pytestmark = pytest.mark.django_db
READ = {"url": "https://files.example.org/r", "password": "look"}
WRITE = {"url": "https://files.example.org/w", "password": "edit"}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, None),
        ({"read_url": READ["url"], "read_password": "look"}, {"read": READ}),
        (
            {"read_url": READ["url"], "read_password": "look", "write_url": WRITE["url"], "write_password": "edit"},
            {"read": READ, "read_write": WRITE},
        ),
    ],
)
def test_shared_folder(columns: dict[str, str], expected: Any) -> None:
    circle = Circle()
    SharedFolder.objects.create(event=circle.event, path="x", **columns)
    assert work.about(circle.event.room).get("shared_folder") == expected


def test_no_shared_folder() -> None:
    assert "shared_folder" not in work.about(Circle().event.room)


def test_live_streams_come_with_their_keys() -> None:
    room = Circle().event.room
    stream = room.streaming_targets.create(
        name="TV",
        streaming_endpoint="rtmp://tv.example.org/live/",
        streaming_key="secret",
        public_url="https://tv.example.org",
    )
    assert work.about(room)["recording"]["streams"] == [
        {
            "id": stream.pk,
            "name": "TV",
            "public_url": "https://tv.example.org",
            "location": "rtmp://tv.example.org/live/secret",
        }
    ]


@pytest.mark.parametrize("planned", [{}, {"initial_checkpoint_delay": {"after": 60, "within": 0}}])
def test_training_is_what_the_event_says(planned: dict[str, Any]) -> None:
    circle = Circle()
    circle.event.training_participation_report = planned
    circle.event.save()
    about = work.about(circle.event.room)
    assert about.get("training_participation_report") == (planned or None)


@pytest.mark.parametrize(("url", "expected"), [("", None), ("ws://127.0.0.1:8188", {})])
def test_media_is_there_where_janus_is(settings: Any, url: str, expected: Any) -> None:
    settings.JANUS_URL = url
    assert work.about(Circle().event.room).get("media") == expected
