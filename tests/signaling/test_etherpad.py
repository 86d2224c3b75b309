"""Notes at an Etherpad, at a real socket: pads, sessions, PDFs as files of the room, and all that can fail."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from rooms.models import Asset
from rooms.storage import files
from signaling import work
from signaling.effects import Ask
from tests.circle import Circle
from tests.local_server import Reply
from tests.signaling.etherpad_server import PDF, Etherpad

ROOM, SESSION, PLACE = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
MADE = {"group": "g.1", "pad": "g.1$notes", "read_only": "r.1"}
FAILED = {"error": "failed_initialization"}


@pytest.fixture
def etherpad(settings: Any) -> Iterator[Etherpad]:
    with Etherpad() as server:
        server.use(settings)
        yield server


def ask(what: str, room: uuid.UUID = ROOM, **arguments: Any) -> dict[str, Any]:
    """Its result, or the code with which it failed."""
    answered = work.done(room, "meeting_notes", Ask(what, arguments))
    return {"error": answered.error} if answered.error else answered.result or {}


def create(place: uuid.UUID | None = None) -> dict[str, Any]:
    return ask("create", session=SESSION, place=place, by=ROOM)


def pdf_of(circle: Circle) -> dict[str, Any]:
    asker = {"participant_id": uuid.UUID(int=5), "user_id": circle.alice.pk, "display_name": "Alice"}
    return ask("generate_pdf", circle.event.room_id, group="g.1", pad="g.1$notes", place=None, by=ROOM, asker=asker)


def test_a_place_has_one_pad_however_often_it_is_asked_for(etherpad: Etherpad) -> None:
    assert create() == create() == MADE
    assert create(PLACE) == {"group": "g.2", "pad": "g.2$notes", "read_only": "r.2"}
    assert etherpad.pads == {"g.1$notes", "g.2$notes"}
    assert etherpad.groups == {f"{SESSION}:": "g.1", f"{SESSION}:{PLACE}": "g.2"}


def test_key_is_in_no_address(etherpad: Etherpad) -> None:
    create()
    assert [asked.query for asked in etherpad.asked] == [{}] * 3


def test_writers_and_readers_have_addresses_of_their_own(etherpad: Etherpad) -> None:
    create()
    people = [{"id": ROOM, "name": "Ann & Bo", "readonly": False}, {"id": PLACE, "name": "Gus", "readonly": True}]
    assert ask("admit", **MADE, people=people, place=None, by=None) == {
        "sessions": {
            str(ROOM): {"session": "s.1", "url": f"{etherpad.url}/auth_session?sessionID=s.1&padName=g.1%24notes"},
            str(PLACE): {"session": "s.2", "url": f"{etherpad.url}/auth_session?sessionID=s.2&padName=r.1"},
        }
    }
    assert etherpad.authors == {str(ROOM): "Ann & Bo", str(PLACE): "Gus"}
    assert ask("dismiss", sessions=["s.1", "gone"]) == {}
    assert set(etherpad.sessions) == {"s.2"}


def test_notes_are_deleted(etherpad: Etherpad) -> None:
    create()
    assert ask("delete", groups=["gone", "g.1"]) == {}
    assert (etherpad.groups, etherpad.pads) == ({}, set())


@pytest.mark.django_db
def test_pdf_becomes_a_file_of_the_room(etherpad: Etherpad) -> None:
    create()
    circle = Circle()
    told = pdf_of(circle)
    asset = Asset.objects.get(room=circle.event.room)
    assert told == {"filename": asset.filename, "asset_id": asset.pk}
    assert (asset.namespace, asset.kind, asset.size) == ("meeting_notes", "meeting_notes", len(PDF))
    with files.open(asset.file.name) as stored:
        assert stored.read() == PDF
    assert etherpad.sessions == {}


@pytest.mark.django_db
def test_pdf_counts_for_the_quota(etherpad: Etherpad) -> None:
    create()
    circle = Circle()
    circle.alice.tariff.quotas = {"max_storage": len(PDF) - 1}
    circle.alice.tariff.save()
    assert pdf_of(circle) == {"error": "storage_exceeded"}
    assert not Asset.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("reply", [Reply(b"<html>"), Reply(PDF, status=500)])
def test_no_pdf(etherpad: Etherpad, reply: Reply) -> None:
    create()
    etherpad.on("/p/g.1%24notes/export/pdf", reply)
    assert pdf_of(Circle()) == FAILED
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=503),
        Reply(b"no JSON"),
        Reply([]),
        Reply({"code": 0, "data": {}}),
        Reply({"code": 0, "data": []}),
        Reply({"code": 1, "message": "wrong", "data": None}),
        Reply({"code": 2, "message": "internal error", "data": None}),
    ],
)
def test_etherpad_fails(etherpad: Etherpad, reply: Reply) -> None:
    etherpad.on("/api/1/createGroupIfNotExistsFor", reply)
    assert create() == FAILED


def test_etherpad_fails_at_the_pad(etherpad: Etherpad) -> None:
    etherpad.on("/api/1/createGroupPad", Reply({"code": 2, "message": "internal error", "data": None}))
    assert create() == FAILED


def test_etherpad_is_silent(etherpad: Etherpad, settings: Any) -> None:
    settings.ETHERPAD_TIMEOUT_SECONDS = 0.1
    etherpad.on("/api/1/createGroupIfNotExistsFor", Reply({}, wait_seconds=1))
    assert create() == FAILED


def test_etherpad_does_not_know_our_key(etherpad: Etherpad, settings: Any) -> None:
    settings.ETHERPAD_API_KEY = "other"
    assert create() == FAILED
    assert ask("dismiss", sessions=["s.1"]) == FAILED


@pytest.mark.django_db
def test_modules_hear_of_it_only_where_it_is_configured(settings: Any) -> None:
    room = Circle().event.room
    assert "meeting_notes" not in work.about(room)
    settings.ETHERPAD_URL = "https://e.example.org"
    assert work.about(room)["meeting_notes"] == {}
