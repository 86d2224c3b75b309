"""DELETE /v1/rooms/{id}/assets/{id} (contract 7), and what a deleted room takes with it."""

import uuid
from typing import Any

import pytest
from django.db import transaction

from activity.actors import Actor
from activity.models import Activity
from rest.errors import NotFound
from rooms.assets.services import delete_asset
from rooms.models import Asset
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.rooms.assets import asset, path_of
from tests.rooms.conftest import Files, keep_files_at, s3_url
from tests.smtp_sink import free_port
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 204),
    ],
    fast=2,
)
def test_only_creator_of_the_room_may_delete(disk: Files, circle: Circle, who: str, status: int) -> None:
    film = asset(circle.event.room)
    assert circle.api(who).delete(path_of(film)).status_code == status
    assert Asset.objects.exists() is (status != 204)


def test_row_and_file_go_and_the_log_says_so(
    files: Files, circle: Circle, django_capture_on_commit_callbacks: Any
) -> None:
    film, other = asset(circle.event.room, namespace="recording"), asset(circle.event.room)
    with django_capture_on_commit_callbacks(execute=True):
        assert circle.api("creator").delete(path_of(film)).status_code == 204
    assert (files.names(), Asset.objects.get()) == ([other.file.name], other)
    activity = Activity.objects.get(kind="asset.deleted")
    assert (activity.subject_id, activity.room_id, activity.actor_id) == (film.pk, film.room_id, circle.alice.pk)
    assert activity.data == {"filename": film.filename, "namespace": "recording", "kind": "recording", "size": 10}
    assert circle.api("creator").get("/v1/users/me").json()["used_storage"] == 10


def test_file_stays_until_the_deletion_is_committed(
    files: Files, circle: Circle, django_capture_on_commit_callbacks: Any
) -> None:
    film = asset(circle.event.room)
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        delete_asset(asset=film, actor=Actor.by_api(circle.alice))
        transaction.set_rollback(True)
    assert callbacks == []
    assert (files.names(), Asset.objects.get()) == ([film.file.name], film)


def test_second_deletion_is_not_found(disk: Files, circle: Circle) -> None:
    film = asset(circle.event.room)
    api = circle.api("creator")
    assert [api.delete(path_of(film)).status_code for _time in range(2)] == [204, 404]


def test_of_two_deletions_at_once_one_is_not_found(disk: Files, circle: Circle) -> None:
    """Both found the row, then one deleted it."""
    film = asset(circle.event.room)
    actor = Actor.by_api(circle.alice)
    delete_asset(asset=Asset.objects.get(pk=film.pk), actor=actor)
    with pytest.raises(NotFound):
        delete_asset(asset=film, actor=actor)
    assert Activity.objects.filter(kind="asset.deleted").count() == 1


def test_unknown_file_and_file_of_another_room_look_alike(disk: Files, circle: Circle) -> None:
    other = asset(factories.event(circle.alice).room)
    for asset_id in (uuid.uuid4(), other.pk):
        answer = circle.api("creator").delete(f"{circle.room_path}/assets/{asset_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert Asset.objects.get() == other


def test_somebody_elses_file_cannot_be_deleted_through_an_own_room(disk: Files, circle: Circle) -> None:
    film = asset(circle.event.room)
    carol = factories.user("carol")
    own = factories.event(carol).room
    assert Api(carol).delete(f"/v1/rooms/{own.pk}/assets/{film.pk}").status_code == 404
    assert Asset.objects.get() == film


@pytest.mark.slow
def test_storage_that_is_down_loses_no_deletion(
    disk: Files, circle: Circle, settings: Any, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    film = asset(circle.event.room)
    keep_files_at(s3_url(f"http://127.0.0.1:{free_port()}", "bucket"), settings, monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        assert circle.api("creator").delete(path_of(film)).status_code == 204
    assert not Asset.objects.exists()
    assert f"file {film.file.name} could not be removed" in caplog.text


def test_file_that_is_gone_already_is_no_error(
    files: Files, circle: Circle, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    film = asset(circle.event.room)
    film.file.storage.delete(film.file.name)
    with django_capture_on_commit_callbacks(execute=True):
        assert circle.api("creator").delete(path_of(film)).status_code == 204
    assert caplog.records == []


# --- With the room ---


def test_deleted_meeting_takes_the_files_of_its_room(
    files: Files, circle: Circle, django_capture_on_commit_callbacks: Any
) -> None:
    asset(circle.event.room)
    asset(circle.event.room)
    kept = asset(factories.event(circle.alice).room)
    with django_capture_on_commit_callbacks(execute=True):
        assert circle.api("creator").delete(circle.path).status_code == 204
    assert (files.names(), Asset.objects.get()) == ([kept.file.name], kept)


def test_files_of_a_room_stay_until_its_deletion_is_committed(
    disk: Files, circle: Circle, django_capture_on_commit_callbacks: Any
) -> None:
    film = asset(circle.event.room)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        assert circle.api("creator").delete(circle.path).status_code == 204
        transaction.set_rollback(True)
    assert (disk.names(), Asset.objects.get()) == ([film.file.name], film)
