"""Staff see the files of a room, and save them where they may view files."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.test import Client

from rooms.models import Asset
from tests import factories
from tests.circle import Circle
from tests.rooms.assets import asset
from tests.rooms.conftest import Files, keep_files_at, s3_url
from tests.smtp_sink import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("disk")]


@pytest.fixture
def film(disk: Files, circle: Circle) -> Asset:
    return asset(circle.event.room)


def staff(*permissions: str) -> Client:
    user = factories.user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def room_page(film: Asset) -> str:
    return f"/admin/rooms/room/{film.room_id}/change/"


def file_of(film: Asset) -> str:
    return f"/admin/rooms/room/assets/{film.pk}/"


def test_room_shows_its_files_with_links(film: Asset) -> None:
    page = staff("view_room", "view_asset").get(room_page(film)).content.decode()
    assert f'<a href="{file_of(film)}">{film.filename}</a>' in page
    assert 'type="file"' not in page


def test_file_is_saved(film: Asset) -> None:
    answer = staff("view_room", "view_asset").get(file_of(film), headers={"Range": "bytes=0-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"0123")
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.slow
def test_who_may_look_at_rooms_does_not_look_into_files(film: Asset) -> None:
    client = staff("view_room")
    assert film.filename not in client.get(room_page(film)).content.decode()
    assert client.get(file_of(film)).status_code == 403


def test_people_who_are_no_staff_are_sent_to_sign_in(film: Asset, circle: Circle) -> None:
    client = Client()
    client.force_login(circle.alice)
    assert client.get(file_of(film)).status_code == 302


def test_unknown_and_lost_files_are_not_found(film: Asset) -> None:
    client = staff("view_asset")
    assert client.get(f"/admin/rooms/room/assets/{uuid.uuid4()}/").status_code == 404
    default_storage.delete(film.file.name)
    assert client.get(file_of(film)).status_code == 404


@pytest.mark.slow
def test_storage_that_is_down_is_said(film: Asset, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_files_at(s3_url(f"http://127.0.0.1:{free_port()}", "bucket"), settings, monkeypatch)
    answer = staff("view_asset").get(file_of(film))
    assert (answer.status_code, answer.content) == (503, b"The service is currently unavailable")
