"""Whiteboards at a Spacedeck, at a real socket: spaces, PDFs as files of the room, and all that can fail."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from rooms.models import Asset
from rooms.storage import files
from signaling import work
from signaling.effects import Ask
from tests.circle import Circle
from tests.local_server import LocalServer, Reply
from tests.signaling.spacedeck_server import PDF, Spacedeck

ROOM, PLACE = uuid.UUID(int=1), uuid.UUID(int=2)
FAILED = {"error": "initialization_failed"}


@pytest.fixture
def spacedeck(settings: Any) -> Iterator[Spacedeck]:
    with Spacedeck() as server:
        server.use(settings)
        yield server


def ask(what: str, room: uuid.UUID = ROOM, **arguments: Any) -> dict[str, Any]:
    """Its result, or the code with which it failed."""
    answered = work.done(room, "whiteboard", Ask(what, arguments))
    return {"error": answered.error} if answered.error else answered.result or {}


def pdf_of(circle: Circle) -> dict[str, Any]:
    alice = circle.alice
    asker = {"participant_id": uuid.UUID(int=5), "user_id": alice.pk, "display_name": "Alice"}
    return ask("generate_pdf", circle.event.room_id, space="space-1", place=None, by=uuid.UUID(int=5), asker=asker)


def test_space_is_made_and_deleted(spacedeck: Spacedeck) -> None:
    url = f"{spacedeck.url}/spaces/space-1?spaceAuth=a1b2c3d"
    assert ask("create", place=None, by=ROOM) == {"space": "space-1", "url": url}
    ask("create", place=PLACE, by=ROOM)
    assert spacedeck.spaces == {"space-1": str(ROOM), "space-2": f"{ROOM}:{PLACE}"}
    assert ask("delete", spaces=["space-1", "gone", "space-2"]) == {}
    assert spacedeck.spaces == {}


@pytest.mark.django_db
def test_pdf_becomes_a_file_of_the_room(spacedeck: Spacedeck) -> None:
    circle = Circle()
    spacedeck.spaces["space-1"] = "x"
    told = pdf_of(circle)
    asset = Asset.objects.get(room=circle.event.room)
    assert told == {"filename": asset.filename, "asset_id": asset.pk}
    assert (asset.namespace, asset.kind, asset.size) == ("whiteboard", "whiteboard", len(PDF))
    assert asset.filename.endswith("_whiteboard.pdf")
    with files.open(asset.file.name) as stored:
        assert stored.read() == PDF


@pytest.mark.django_db
def test_pdf_counts_for_the_quota(spacedeck: Spacedeck) -> None:
    circle = Circle()
    spacedeck.spaces["space-1"] = "x"
    circle.alice.tariff.quotas = {"max_storage": len(PDF) - 1}
    circle.alice.tariff.save()
    assert pdf_of(circle) == {"error": "storage_exceeded"}
    assert not Asset.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reply",
    [
        Reply({"error": "PDF could not created (500)"}, status=500),
        Reply({"other": 1}),
        Reply({"url": "/storage/../other"}),
        Reply({"url": "file:///etc/passwd"}),
        Reply({"url": "http://user@127.0.0.1/"}),
    ],
)
def test_no_pdf(spacedeck: Spacedeck, reply: Reply) -> None:
    spacedeck.on("/api/spaces/space-1/pdf", reply)
    spacedeck.on("/storage/../other", Reply(b"<html>"))
    assert pdf_of(Circle()) == FAILED
    assert not Asset.objects.exists()


@pytest.mark.django_db
def test_file_elsewhere_in_our_network_is_not_fetched(spacedeck: Spacedeck) -> None:
    with LocalServer() as other:
        other.on("/secret", Reply(PDF))
        spacedeck.on("/api/spaces/space-1/pdf", Reply({"url": f"{other.url}/secret"}))
        assert pdf_of(Circle()) == FAILED
        assert other.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=503),
        Reply(b"no JSON"),
        Reply([]),
        Reply({"_id": "x"}),
        Reply({"edit_hash": "x"}),
        Reply({"_id": 1}),
    ],
)
def test_spacedeck_fails(spacedeck: Spacedeck, reply: Reply) -> None:
    spacedeck.on("/api/spaces", reply)
    assert ask("create", place=None, by=ROOM) == FAILED


def test_spacedeck_is_silent(spacedeck: Spacedeck, settings: Any) -> None:
    settings.SPACEDECK_TIMEOUT_SECONDS = 0.1
    spacedeck.on("/api/spaces", Reply({}, wait_seconds=1))
    assert ask("create", place=None, by=ROOM) == FAILED


def test_spacedeck_does_not_know_our_key(spacedeck: Spacedeck, settings: Any) -> None:
    settings.SPACEDECK_API_KEY = "other"
    assert ask("create", place=None, by=ROOM) == FAILED
    assert ask("delete", spaces=["space-1"]) == FAILED


@pytest.mark.django_db
def test_modules_hear_of_it_only_where_it_is_configured(settings: Any) -> None:
    room = Circle().event.room
    assert "whiteboard" not in work.about(room)
    settings.SPACEDECK_URL = "https://s.example.org"
    assert work.about(room)["whiteboard"] == {}
