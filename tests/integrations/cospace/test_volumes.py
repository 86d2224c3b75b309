"""Volumes: files and folders made, filled, renamed, moved and deleted, and each commit told; rooms as volumes."""

from typing import Any

import pytest
from django.test import Client as Browser

from activity.actors import Actor
from integrations.objects.models import Object, VolumeFile
from integrations.objects.services import files
from rooms.assets.services import delete_asset
from tests import factories
from tests.circle import Circle
from tests.integrations.cospace.client import STREAMS, Cospace
from tests.integrations.cospace.media import People, disk, people
from tests.integrations.objects.conftest import Uploads
from tests.rooms.assets import asset, set_quota

__all__ = ["disk", "people"]
pytestmark = STREAMS
MD5 = "827ccb0eea8a706c4c34a16891f84e7b"  # of 12345


@pytest.fixture
def volume(people: People) -> str:
    return people.shared("volume", description="Papers")


def make(people: People, volume: str, name: str, **body: Any) -> str:
    made = people.owner.post(f"/api/volume/{volume}/file", {"name": name} | body)
    people.read()
    return str(made["file"])


def download(client: Cospace, path: str) -> bytes:
    answer = Browser().get(path, headers={"Authorization": f"Bearer {client.sid}"})
    return b"".join(answer.streaming_content)


def test_file_is_made_filled_renamed_and_deleted(disk: Uploads, people: People, volume: str) -> None:
    user = str(people.alice.pk)
    folder = make(people, volume, "letters", type="folder")
    body = {"name": "letter.pdf", "parent": folder, "ctime": 20232142212, "mtime": 21232145373}
    made = people.owner.post(f"/api/volume/{volume}/file", body)
    file = made["file"]
    where = {"file": file, "volume": volume, "user": user, "type": "file"}
    assert people.told("file_new") == [where | body | {"commit": made["commit"]}]
    path = f"/api/volume/{volume}/file/{file}"
    commit = people.owner.put(f"{path}/content", b"12345")["commit"]
    told = people.told("file_modify")
    content = {"size": 5, "mime_type": "application/pdf", "md5": MD5}
    assert told == [where | content | {"commit": commit, "mtime": told[0]["mtime"]}]
    commit = people.owner.post(path, {"name": "letter2.pdf", "parent": None, "mtime": 5})["commit"]
    assert people.told("file_modify") == [
        where | {"commit": commit, "name": "letter2.pdf", "parent": volume, "mtime": 5}
    ]
    assert people.owner.post(path, {"name": "letter2.pdf"}) == {"status": "ok"}
    assert people.owner.names() == []
    found = people.reader.get(path)["file"]
    assert found == where | content | {"name": "letter2.pdf", "ctime": 20232142212, "mtime": 5}
    assert download(people.reader, f"{path}/content") == b"12345"
    commit = people.owner.delete(path)["commit"]
    assert people.told("file_delete") == [{"commit": commit, "file": file, "volume": volume}]
    assert people.reader.call("GET", path)["status"] == "not-found"


@pytest.mark.slow
def test_folder_goes_with_all_in_it_and_one_event(disk: Uploads, people: People, volume: str) -> None:
    outer = make(people, volume, "outer", type="folder")
    inner = make(people, volume, "inner", type="folder", parent=outer)
    file = make(people, volume, "a.txt", parent=inner)
    people.owner.put(f"/api/volume/{volume}/file/{file}/content", b"12345")
    people.read()
    people.owner.delete(f"/api/volume/{volume}/file/{outer}")
    assert [one["file"] for one in people.told("file_delete")] == [outer]
    assert not VolumeFile.objects.exists()


@pytest.mark.slow
def test_all_files_go_by_the_volumes_own_id(disk: Uploads, people: People, volume: str) -> None:
    for target in (f"/api/volume/{volume}/file/{volume}", f"/api/volume/{volume}/file"):
        make(people, volume, "a.txt")
        make(people, volume, "b.txt")
        commit = people.owner.delete(target)["commit"]
        assert people.told("file_delete") == [{"commit": commit, "file": volume, "volume": volume}]
        assert people.owner.get(f"/api/volume/{volume}/file")["file"] == {}


@pytest.mark.slow
def test_files_are_listed_by_folder_and_name(people: People, volume: str, django_assert_num_queries: Any) -> None:
    folder = make(people, volume, "folder", type="folder")
    inside = make(people, volume, "inside.txt", parent=folder)
    names = [make(people, volume, name) for name in ("b.txt", "a.txt")]
    path = f"/api/volume/{volume}/file"
    assert list(people.reader.get(path)["file"]) == [names[1], names[0], folder]
    assert list(people.reader.get(path, parent=folder)["file"]) == [inside]
    assert list(people.reader.get(path, count=1, first=1)["file"]) == [names[0]]
    with django_assert_num_queries(3):  # session, volume, files
        people.owner.get(path)


@pytest.mark.slow
def test_what_cannot_be_is_refused(people: People, volume: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = make(people, volume, "outer", type="folder")
    inner = make(people, volume, "inner", type="folder", parent=outer)
    file = make(people, volume, "a.txt")
    path = f"/api/volume/{volume}/file"
    bad: list[tuple[str, str, Any, str]] = [
        ("POST", path, {}, "missing-element"),
        ("POST", path, {"name": ""}, "wrong-syntax"),
        ("POST", path, {"name": ".."}, "wrong-syntax"),
        ("POST", path, {"name": "a/b"}, "wrong-syntax"),
        ("POST", path, {"name": "a\x00"}, "wrong-syntax"),
        ("POST", path, {"name": "x" * 256}, "wrong-syntax"),
        ("POST", path, {"name": "a.txt"}, "fail"),
        ("POST", path, {"name": "b", "type": "link"}, "wrong-syntax"),
        ("POST", path, {"name": "b", "ctime": 10**30}, "wrong-syntax"),
        ("POST", path, {"name": "b", "mtime": "now"}, "wrong-syntax"),
        ("POST", path, {"name": "b", "parent": file}, "wrong-syntax"),
        ("POST", path, {"name": "b", "parent": "x"}, "wrong-syntax"),
        ("POST", f"{path}/{outer}", {"parent": inner}, "wrong-syntax"),
        ("POST", f"{path}/{outer}", {"parent": outer}, "wrong-syntax"),
        ("POST", f"{path}/{outer}", {"name": "a.txt"}, "fail"),
        ("PUT", f"{path}/{outer}/content", b"1", "wrong-syntax"),
        ("PUT", f"{path}/{file}/content", None, "fail"),
        ("GET", f"{path}/{file}/content", None, "not-found"),
        ("GET", f"{path}/{volume}", None, "not-found"),
    ]  # fmt: skip
    for method, target, body, status in bad:
        assert people.owner.call(method, target, body)["status"] == status, (method, target, body)
    monkeypatch.setattr(files, "MOST_FILES", 3)
    assert people.owner.call("POST", path, {"name": "b"})["status"] == "fail"
    assert people.owner.names() == []


@pytest.mark.slow
def test_who_may_do_what(disk: Uploads, people: People, volume: str) -> None:
    file = make(people, volume, "a.txt")
    path = f"/api/volume/{volume}/file/{file}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", path, None), ("POST", path, {"name": "b"}), ("PUT", f"{path}/content", b"1"), ("DELETE", path, None),
        ("DELETE", f"/api/volume/{volume}/file", None), ("DELETE", f"/api/volume/{volume}", None),
    ]  # fmt: skip
    assert [people.reader.call(*call)["status"] for call in calls] == ["ok"] + ["no-access"] * 5
    assert {people.stranger.call(*call)["status"] for call in calls} == {"not-found"}
    other = people.stranger.post("/api/volume", {})["volume"]
    assert people.stranger.call("GET", f"/api/volume/{other}/file/{file}")["status"] == "not-found"


@pytest.mark.slow
def test_files_count_against_the_tariff(disk: Uploads, people: People, volume: str) -> None:
    set_quota(people.alice, max_storage=6)
    path = f"/api/volume/{volume}/file/{make(people, volume, 'a.txt')}/content"
    people.owner.put(path, b"12345")
    assert people.owner.call("PUT", path, b"1234567")["message"] == "Storage quota has been exceeded"
    people.owner.put(path, b"123456")
    assert b"123456" in disk.contents()


@pytest.mark.slow
def test_rooms_files_are_a_volume_that_is_only_read(disk: Uploads, db: None) -> None:
    circle = Circle()
    factories.user("carol")
    owner, invitee, stranger = (Cospace().signed_in(name) for name in ("alice", "bob", "carol"))
    room = circle.event.room
    kept = asset(room, b"0123456789", file_extension="txt")
    told = owner.told("file_new")
    assert invitee.told("file_new") == told
    assert stranger.names() == []
    volume = told[0]["volume"]
    time = int(kept.created_at.timestamp())
    assert told == [
        {
            "commit": told[0]["commit"], "file": str(kept.pk), "volume": volume, "type": "file", "name": kept.filename,
            "ctime": time, "mtime": time, "user": str(circle.alice.pk),
        }
    ]  # fmt: skip
    about = {"owner": str(circle.alice.pk), "conference": str(room.pk)}
    assert invitee.get("/api/volume", filter="conference")["volume"][volume].items() >= about.items()
    assert invitee.get(f"/api/volume/{volume}")["volume"]["volume"] == volume
    path = f"/api/volume/{volume}/file"
    found = {"type": "file", "name": kept.filename, "ctime": time, "mtime": time, "size": 10, "mime_type": "text/plain"}
    assert invitee.get(path)["file"] == {str(kept.pk): found}
    assert invitee.get(f"{path}/{kept.pk}")["file"] == {"file": str(kept.pk), "volume": volume} | found
    assert download(invitee, f"{path}/{kept.pk}/content") == b"0123456789"
    refused: list[tuple[str, str, Any]] = [
        ("POST", path, {"name": "b"}), ("DELETE", path, None), ("DELETE", f"{path}/{kept.pk}", None),
        ("POST", f"/api/volume/{volume}", {"description": "x"}), ("PUT", f"{path}/{kept.pk}/content", b"1"),
    ]  # fmt: skip
    assert {owner.call(*call)["status"] for call in refused} == {"no-access"}
    assert {stranger.call(*call)["status"] for call in refused} == {"not-found"}
    delete_asset(asset=kept, actor=Actor.by_api(circle.alice))
    deleted = owner.told("file_delete")
    assert [one["file"] for one in deleted] == [str(kept.pk)]
    assert invitee.told("file_delete") == deleted


@pytest.mark.slow
def test_volume_in_the_trash_keeps_its_files_and_is_found_nowhere(disk: Uploads, people: People, volume: str) -> None:
    make(people, volume, "a.txt")
    people.owner.delete(f"/api/volume/{volume}")
    assert people.owner.call("GET", f"/api/volume/{volume}/file")["status"] == "not-found"
    assert Object.objects.get(pk=volume).files.count() == 1
