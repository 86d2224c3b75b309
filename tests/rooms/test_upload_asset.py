"""POST /v1/rooms/{id}/assets (contract 7), with files on the disk and in S3."""

import io
import re
import tracemalloc
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client

from activity.models import Activity
from rooms.assets import services
from rooms.models import Asset, Room
from tests import factories
from tests.api import token
from tests.circle import GUEST, Circle
from tests.rooms.assets import QUERY, Bytes, HangsUp, Source, asset, set_quota, upload
from tests.rooms.conftest import Files, keep_files_at, s3_url
from tests.s3_server import S3Server
from tests.smtp_sink import free_port
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC)
MEGABYTE = 1024 * 1024


def send(circle: Circle, source: Any, *, length: int | None) -> Any:
    """What no polite client sends: `source` is what the web server has, `length` what the client said."""
    return circle.api("creator").request(
        "POST", f"{circle.room_path}/assets", b"", query=QUERY,
        **{"wsgi.input": source, "CONTENT_LENGTH": "" if length is None else str(length)},
        CONTENT_TYPE="application/octet-stream",
    )  # fmt: skip


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 403),
        ("creator", 200),
    ],
    fast=2,
)
def test_only_creator_of_the_room_may_upload(disk: Files, circle: Circle, who: str, status: int) -> None:
    assert upload(circle, who=who).status_code == status
    assert len(disk.names()) == (status == 200)


@time_machine.travel(NOW, tick=False)
def test_whole_answer_file_row_and_activity(files: Files, circle: Circle) -> None:
    answer = upload(circle, b"a film", event_title="Team: Größe/2", namespace="recording")
    row = Asset.objects.get()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": str(row.pk),
            "filename": "Team_Größe_2_2026-11-23_09-00-05-UTC_recording.webm",
            "namespace": "recording",
            "created_at": "2026-11-23T09:00:05Z",
            "kind": "recording",
            "size": 6,
        },
    )
    assert (files.names(), files.contents()) == ([row.file.name], [b"a film"])
    activity = Activity.objects.get(kind="asset.created")
    assert activity.data == {
        "filename": answer.json()["filename"],
        "namespace": "recording",
        "kind": "recording",
        "size": 6,
    }
    assert (activity.subject_id, activity.room_id, activity.actor_id) == (row.pk, row.room_id, circle.alice.pk)
    assert {entry.user_id for entry in activity.audience.all()} == {circle.alice.pk, circle.bob.pk}


@time_machine.travel(NOW, tick=False)
def test_title_and_namespace_may_be_absent(disk: Files, circle: Circle) -> None:
    answer = upload(circle).json()
    assert answer["filename"] == "2026-11-23_09-00-05-UTC_recording.webm"
    assert "namespace" not in answer


@sweep(
    ("title", "begin"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("..", ""),
        ("C:\\Windows\\x", "C_Windows_x"),
        ('a"b\r\nX: y', "a_b_X_y"),
        ("<script>", "script"),
        ("user\u202egpj.exe", "user_gpj_exe"),
        ("e\u0301", "é"),
        ("😀", ""),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("x" * 255, "x" * 150),
        ("ü" * 255, "ü" * 75),
        ("漢" * 255, "漢" * 50),
        ("", ""),
    ],
    fast=5,
)
@time_machine.travel(NOW, tick=False)
def test_name_is_harmless_on_every_file_system(disk: Files, circle: Circle, title: str, begin: str) -> None:
    name = upload(circle, event_title=title, kind="k" * 50, file_extension="e" * 20).json()["filename"]
    assert name == "_".join(filter(None, [begin, "2026-11-23_09-00-05-UTC", "k" * 50])) + "." + "e" * 20
    assert len(name.encode()) <= 255
    assert re.fullmatch(r"assets/[0-9a-f]{2}/[0-9a-f]{32}", disk.names()[0])


@sweep(
    ("changes", "named"),
    [
        ({"kind": None}, ["kind"]),
        ({"file_extension": None}, ["file_extension"]),
        ({"kind": None, "file_extension": None}, ["kind", "file_extension"]),
        ({"kind": ""}, ["kind"]),
        ({"kind": "k" * 51}, ["kind"]),
        ({"kind": "a-b"}, ["kind"]),
        ({"kind": "recording\n"}, ["kind"]),
        ({"kind": "größe"}, ["kind"]),
        ({"kind": "١"}, ["kind"]),
        ({"kind": "../x"}, ["kind"]),
        ({"file_extension": ""}, ["file_extension"]),
        ({"file_extension": "../../x"}, ["file_extension"]),
        ({"file_extension": "tar.gz"}, ["file_extension"]),
        ({"file_extension": "e" * 21}, ["file_extension"]),
        ({"file_extension": "a\0b"}, ["file_extension"]),
        ({"event_title": "x" * 256}, ["event_title"]),
        ({"event_title": "a\0b"}, ["event_title"]),
        ({"namespace": "no/module"}, ["namespace"]),
        ({"namespace": "Recording"}, ["namespace"]),
        ({"namespace": "n" * 256}, ["namespace"]),
        ({"namespace": "\0"}, ["namespace"]),
        ({"kind": "/", "file_extension": "/", "event_title": "\0", "namespace": "/"},
         ["kind", "file_extension", "event_title", "namespace"]),
    ],
 fast=6)  # fmt: skip
def test_wrong_query_is_refused_and_all_of_it_named(
    disk: Files, circle: Circle, changes: dict[str, Any], named: list[str]
) -> None:
    answer = upload(circle, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    message = answer.json()["message"].removeprefix("Wrong query parameters: ")
    assert [part.partition(":")[0] for part in message.split("; ")] == named
    assert (disk.names(), Asset.objects.count()) == ([], 0)


@pytest.mark.parametrize("length", [None, 0])
def test_empty_file_is_refused(disk: Files, circle: Circle, length: int | None) -> None:
    answer = send(circle, io.BytesIO(b""), length=length)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert "empty" in answer.json()["message"]
    assert (disk.names(), Asset.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data; boundary=x", "text/plain", "video/webm", "nonsense"]
)
def test_other_content_types_are_refused(disk: Files, circle: Circle, content_type: str) -> None:
    answer = Client().generic(
        "POST", f"{circle.room_path}/assets", b'{"a": 1}', content_type, query_params=QUERY,
        headers={"Authorization": f"Bearer {token(circle.alice)}"}, CONTENT_TYPE=content_type,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_content_type")
    assert disk.names() == []


@pytest.mark.parametrize("kind", [Bytes, HangsUp])
@pytest.mark.parametrize("sent", [0, 5, 9 * MEGABYTE])
def test_cut_off_upload_leaves_nothing(files: Files, circle: Circle, kind: Any, sent: int) -> None:
    answer = send(circle, kind(b"x" * sent), length=sent + 1)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert (files.names(), Asset.objects.count()) == ([], 0)
    assert not Activity.objects.filter(kind="asset.created").exists()


def test_row_that_fails_leaves_no_file(files: Files, circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_arguments: Any, **_named: Any) -> None:
        assert len(files.names()) == 1
        raise ZeroDivisionError

    monkeypatch.setattr(services, "record", fails)
    with pytest.raises(ZeroDivisionError):
        asset(circle.event.room)
    assert (files.names(), Asset.objects.count()) == ([], 0)


@pytest.mark.slow
def test_room_that_is_deleted_during_the_upload_gets_no_file(files: Files, circle: Circle) -> None:
    class Slow(Source):
        def read(self, size: int = -1) -> bytes:
            if Room.objects.exists():
                circle.api("creator").delete(circle.path)
            return super().read(size)

    answer = send(circle, Slow(100), length=100)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (files.names(), Asset.objects.count()) == ([], 0)


def test_pieces_of_the_network_make_one_file(files: Files, circle: Circle) -> None:
    """S3 ends a file where it gets less than it asked for; its parts are of eight megabytes."""
    size = 17 * MEGABYTE + 1
    assert send(circle, Source(size, piece=1000), length=size).json()["size"] == size
    assert [default_storage.size(name) for name in files.names()] == [size]


@pytest.mark.slow
def test_upload_is_larger_than_other_bodies_may_be_and_never_in_memory(files: Files, circle: Circle) -> None:
    size = 64 * MEGABYTE
    upload(circle)  # what is imported and made once
    tracemalloc.start()
    try:
        assert send(circle, source := Source(size), length=size).status_code == 200
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert max(default_storage.size(name) for name in files.names()) == size
    assert source.largest <= 8 * MEGABYTE
    assert most < size / 2


@pytest.mark.slow
def test_s3_has_what_came_before_the_rest_comes(s3: Files, s3_server: S3Server, circle: Circle) -> None:
    parts = []

    class Watched(Source):
        def read(self, size: int = -1) -> bytes:
            if self.left == MEGABYTE:
                bucket = default_storage.bucket_name
                (open_one,) = s3_server.client.list_multipart_uploads(Bucket=bucket)["Uploads"]
                listed = s3_server.client.list_parts(Bucket=bucket, Key=open_one["Key"], UploadId=open_one["UploadId"])
                parts.append(len(listed["Parts"]))
            return super().read(size)

    assert send(circle, Watched(25 * MEGABYTE, piece=MEGABYTE), length=25 * MEGABYTE).status_code == 200
    assert parts == [3]


@pytest.mark.slow
def test_cut_off_upload_leaves_no_parts_in_s3(s3: Files, s3_server: S3Server, circle: Circle) -> None:
    send(circle, Source(20 * MEGABYTE), length=21 * MEGABYTE)
    assert "Uploads" not in s3_server.client.list_multipart_uploads(Bucket=default_storage.bucket_name)


def test_file_is_for_the_site_alone(disk: Files, circle: Circle) -> None:
    upload(circle)
    path = default_storage.path(disk.names()[0])
    assert Path(path).read_bytes() == b"0123456789"
    assert (_mode(path), _mode(path.rpartition("/")[0])) == (0o600, 0o700)


def _mode(path: str) -> int:
    return Path(path).stat().st_mode & 0o777


# --- How much ---


def test_quota_can_be_filled_to_the_last_byte(disk: Files, circle: Circle) -> None:
    set_quota(circle.alice, max_storage=20)
    assert upload(circle, b"x" * 15).status_code == 200
    refused = upload(circle, b"x" * 6)
    assert (refused.status_code, refused.json()["code"]) == (413, "storage_quota_exceeded")
    assert refused.json()["message"] == "Storage quota has been exceeded"
    assert upload(circle, b"x" * 5).status_code == 200
    assert circle.api("creator").get("/v1/users/me").json()["used_storage"] == 20
    assert len(disk.names()) == 2


def test_too_large_a_file_is_refused_before_it_is_read(disk: Files, circle: Circle, settings: Any) -> None:
    set_quota(circle.alice, max_storage=20)
    assert send(circle, source := Source(21), length=21).status_code == 413
    settings.ASSET_MAX_BYTES = 10
    answer = send(circle, other := Source(11), length=11)
    assert (answer.status_code, answer.json()["code"]) == (400, "payload_overflow")
    assert (source.largest, other.largest) == (0, 0)
    assert send(circle, Source(10), length=10).status_code == 200


@pytest.mark.slow
def test_quota_counts_all_rooms_of_the_owner_and_no_others(disk: Files, circle: Circle) -> None:
    set_quota(circle.alice, max_storage=20)
    asset(factories.event(circle.alice).room, b"x" * 15)
    other = factories.event(factories.user("carol")).room
    asset(other, b"x" * 20)
    assert upload(circle, b"x" * 6).status_code == 413
    assert upload(circle, b"x" * 5).status_code == 200


@pytest.mark.parametrize("quotas", [{}, {"room_participant_limit": 1}])
def test_tariff_without_this_quota_allows_all(disk: Files, circle: Circle, quotas: dict[str, int]) -> None:
    set_quota(circle.alice, **quotas)
    assert upload(circle).status_code == 200


def test_nobodys_tariff_allows_all(disk: Files, circle: Circle) -> None:
    circle.alice.tariff = None
    circle.alice.save()
    assert upload(circle).status_code == 200


def test_quota_of_zero_allows_nothing(disk: Files, circle: Circle) -> None:
    set_quota(circle.alice, max_storage=0)
    assert upload(circle, b"x").status_code == 413


def test_quota_that_fills_up_during_the_upload_is_judged_at_its_end(files: Files, circle: Circle) -> None:
    set_quota(circle.alice, max_storage=20)

    class Slow(Source):
        def read(self, size: int = -1) -> bytes:
            if not Asset.objects.exists():
                asset(circle.event.room, b"y" * 15)
            return super().read(size)

    answer = send(circle, Slow(6), length=6)
    assert (answer.status_code, answer.json()["code"]) == (413, "storage_quota_exceeded")
    assert files.contents() == [b"y" * 15]


# --- When the storage does not work ---


@pytest.mark.slow
def test_s3_that_is_down_answers_503_and_leaves_no_row(
    circle: Circle, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keep_files_at(s3_url(f"http://127.0.0.1:{free_port()}", "bucket"), settings, monkeypatch)
    answer = upload(circle)
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer["Retry-After"]
    assert Asset.objects.count() == 0
    assert "could not be written" in caplog.text


@pytest.mark.slow
def test_missing_bucket_answers_503(
    circle: Circle, s3_server: S3Server, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_files_at(s3_url(s3_server.url, f"no-{uuid.uuid4()}"), settings, monkeypatch)
    assert upload(circle).status_code == 503


def test_disk_that_takes_no_file_answers_503(disk: Files, circle: Circle) -> None:
    default_storage.save("assets", io.BytesIO(b"a file where the folder should be"))
    assert upload(circle).status_code == 503
    assert Asset.objects.count() == 0
