"""GET and HEAD /v1/rooms/{id}/assets/{id} (contract 7; RFC 9110 13 and 14), with files on the disk and in S3."""

import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage

from rooms import storage
from rooms.models import Asset
from tests import factories
from tests.api import Api
from tests.circle import GUEST, Circle
from tests.rooms.assets import asset, download, path_of
from tests.rooms.conftest import Files, keep_files_at, s3_url
from tests.smtp_sink import free_port
from tests.sweeps import sweep

pytestmark = pytest.mark.django_db

CREATED = datetime(2026, 11, 23, 9, 0, 5, 500, tzinfo=UTC)
HTTP_DATE = "Mon, 23 Nov 2026 09:00:05 GMT"
TEN = b"0123456789"
WHOLE = "the whole file"


@pytest.fixture
def film(circle: Circle) -> Asset:
    """Ten bytes in alice's room."""
    with time_machine.travel(CREATED, tick=False):
        return asset(circle.event.room, TEN, event_title="Team meeting")


@sweep(
    ("who", "status"),
    [
        ("anonymous", 401),
        ("stranger", 403),
        ("other tenant", 403),
        ("guest", GUEST),
        ("invitee", 200),
        ("creator", 200),
    ],
    fast=2,
)
def test_only_people_of_its_room_may_read(disk: Files, circle: Circle, film: Asset, who: str, status: int) -> None:
    answer = circle.api(who).get(path_of(film))
    assert answer.status_code == status
    if status == 200:
        assert b"".join(answer.streaming_content) == TEN


def test_whole_answer(files: Files, circle: Circle, film: Asset) -> None:
    answer = download(circle.bob, path_of(film))
    assert (answer.status_code, answer.file) == (200, TEN)
    expected = {
        "Content-Type": "video/webm",
        "Content-Length": "10",
        "Content-Disposition": 'attachment; filename="Team_meeting_2026-11-23_09-00-05-UTC_recording.webm"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": f'"{film.pk.hex}"',
        "Last-Modified": HTTP_DATE,
    }
    assert {name: answer[name] for name in expected} == expected
    assert "Content-Range" not in answer


@pytest.mark.parametrize("accept", ["application/json", "*/*", "video/webm", "application/pdf", "nonsense", ""])
def test_whatever_the_client_would_like_it_gets_the_file(disk: Files, circle: Circle, film: Asset, accept: str) -> None:
    assert download(circle.bob, path_of(film), Accept=accept).status_code == 200


# --- Names and types ---


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("plain.pdf", 'attachment; filename="plain.pdf"'),
        ("Größe 漢.pdf", "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%20%E6%BC%A2.pdf"),
        ('a"; filename="b.exe', r'attachment; filename="a\"; filename=\"b.exe"'),
        ("a\\b.pdf", r'attachment; filename="a\\b.pdf"'),
        ("a\r\nSet-Cookie: b=c.pdf", 'attachment; filename="aSet-Cookie: b=c.pdf"'),
        ("user\u202egpj.exe", 'attachment; filename="usergpj.exe"'),
        ("a\u2028b.pdf", 'attachment; filename="ab.pdf"'),
        ("\n", "attachment"),
    ],
)
def test_name_of_any_origin_is_safe_in_the_header(
    disk: Files, circle: Circle, film: Asset, filename: str, header: str
) -> None:
    Asset.objects.update(filename=filename)
    assert download(circle.bob, path_of(film))["Content-Disposition"] == header


@pytest.mark.parametrize(
    ("filename", "content_type"),
    [
        ("a.pdf", "application/pdf"), ("a.mp4", "video/mp4"), ("a.html", "text/html"),
        ("a", "application/octet-stream"), ("a.unknown", "application/octet-stream"),
        ("a.gz", "application/octet-stream"), ("a.tgz", "application/octet-stream"), ("a.PDF", "application/pdf"),
    ],
)  # fmt: skip
def test_type_follows_the_name_and_is_never_guessed_by_browsers(
    disk: Files, circle: Circle, film: Asset, filename: str, content_type: str
) -> None:
    Asset.objects.update(filename=filename)
    answer = download(circle.bob, path_of(film))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (content_type, "nosniff")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "Content-Encoding" not in answer


# --- Ranges ---

RANGES = [
    ("bytes=0-0", (0, 1)),
    ("bytes=0-9", (0, 10)),
    ("bytes=2-4", (2, 5)),
    ("bytes=9-9", (9, 10)),
    ("bytes=5-", (5, 10)),
    ("bytes=0-", (0, 10)),
    ("bytes=5-999", (5, 10)),
    ("bytes=-3", (7, 10)),
    ("bytes=-10", (0, 10)),
    ("bytes=-999", (0, 10)),
    ("bytes= 2-4 ", (2, 5)),
    ("Bytes=2-4", (2, 5)),
    ("bytes=00002-4", (2, 5)),
    ("bytes=10-", None),
    ("bytes=10-20", None),
    ("bytes=999999999999999999-", None),
    ("bytes=-0", None),
    # Not valid, or not one range: passed over.
    ("bytes=4-2", WHOLE),
    ("bytes=", WHOLE),
    ("bytes=-", WHOLE),
    ("bytes", WHOLE),
    ("", WHOLE),
    ("0-4", WHOLE),
    ("bytes=a-b", WHOLE),
    ("bytes=1.5-2", WHOLE),
    ("bytes=--5", WHOLE),
    ("bytes=+1-2", WHOLE),
    ("bytes=0x1-2", WHOLE),
    ("bytes=0 - 4", WHOLE),
    ("bytes=٢-٤", WHOLE),
    ("bytes=0-1,3-4", WHOLE),
    ("bytes=" + ",".join(["0-"] * 1000), WHOLE),
    ("items=0-4", WHOLE),
    ("bytes=0-4;x", WHOLE),
    ("bytes=" + "9" * 10_000 + "-", WHOLE),
]


@sweep(("header", "expected"), RANGES, ids=lambda value: str(value)[:24], fast=12)
def test_range(disk: Files, circle: Circle, film: Asset, header: str, expected: Any) -> None:
    answer = download(circle.bob, path_of(film), Range=header)
    if expected is WHOLE:
        assert (answer.status_code, answer["Content-Length"], answer.file) == (200, "10", TEN)
        assert "Content-Range" not in answer
    elif expected is None:
        assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */10")
        assert answer.json()["code"] == "range_not_satisfiable"
        assert "Content-Disposition" not in answer
    else:
        start, stop = expected
        assert (answer.status_code, answer["Content-Range"]) == (206, f"bytes {start}-{stop - 1}/10")
        assert (answer["Content-Length"], answer.file) == (str(stop - start), TEN[start:stop])


IN_S3 = ("bytes=0-0", "bytes=5-", "bytes=-3", "bytes=-999", "bytes=0-")


@pytest.mark.parametrize("header", ["bytes=2-4", *(pytest.param(header, marks=pytest.mark.slow) for header in IN_S3)])
def test_range_in_s3_is_the_one_on_the_disk(s3: Files, circle: Circle, film: Asset, header: str) -> None:
    start, stop = dict(RANGES)[header]
    answer = download(circle.bob, path_of(film), Range=header)
    assert (answer.status_code, answer.file) == (206, TEN[start:stop])


def test_ranges_put_together_are_the_file(files: Files, circle: Circle) -> None:
    content = bytes(range(256)) * 4000
    path = path_of(asset(circle.event.room, content))
    asked = [f"bytes={start}-{start + 299_999}" for start in range(0, len(content), 300_000)]
    parts = [download(circle.bob, path, Range=header).file for header in asked]
    assert b"".join(parts) == content == download(circle.bob, path).file


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{etag}", 206),
        (HTTP_DATE, 206),
        ('"another"', 200),
        ("W/{etag}", 200),
        ("Mon, 23 Nov 2026 09:00:06 GMT", 200),
        ("nonsense", 200),
        ("", 200),
    ],
)
def test_if_range(disk: Files, circle: Circle, film: Asset, condition: str, status: int) -> None:
    tag = f'"{film.pk.hex}"'
    answer = download(circle.bob, path_of(film), Range="bytes=2-4", If_Range=condition.format(etag=tag))
    assert (answer.status_code, answer.file) == (status, TEN[2:5] if status == 206 else TEN)


def test_if_range_of_another_file_turns_416_into_the_file(disk: Files, circle: Circle, film: Asset) -> None:
    assert download(circle.bob, path_of(film), Range="bytes=99-", If_Range='"another"').status_code == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{etag}", 304), ("W/{etag}", 304), ('"another", {etag}', 304), ("*", 304), ('"another"', 200), ("", 200)],
)
def test_client_that_has_the_file_is_told_so(
    disk: Files, circle: Circle, film: Asset, condition: str, status: int
) -> None:
    tag = f'"{film.pk.hex}"'
    for extra in ({}, {"Range": "bytes=99-"}):
        answer = download(circle.bob, path_of(film), If_None_Match=condition.format(etag=tag), **extra)
        assert answer.status_code == (416 if extra and status == 200 else status)
    if status == 304:
        assert (answer["ETag"], answer.content) == (tag, b"")


def test_file_without_bytes(disk: Files, circle: Circle, film: Asset) -> None:
    Asset.objects.update(size=0)
    assert download(circle.bob, path_of(film)).file == b""
    for header in ("bytes=0-", "bytes=0-0", "bytes=-1"):
        answer = download(circle.bob, path_of(film), Range=header)
        assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */0")


# --- HEAD ---


@pytest.mark.parametrize("asked", ["", "bytes=2-4", "bytes=99-"])
def test_head_is_the_whole_file_without_its_bytes(
    disk: Files, circle: Circle, film: Asset, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = download(circle.bob, path_of(film))
    monkeypatch.setattr(storage, "pieces", None)
    answer = Api(circle.bob).request("HEAD", path_of(film), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, b"")
    names = ("Content-Length", "Content-Type", "Content-Disposition", "ETag", "Last-Modified", "Accept-Ranges")
    assert [answer[name] for name in names] == [get[name] for name in names]


def test_head_of_what_the_client_has(disk: Files, circle: Circle, film: Asset) -> None:
    headers = {"If-None-Match": f'"{film.pk.hex}"'}
    assert Api(circle.bob).request("HEAD", path_of(film), headers=headers).status_code == 304


# --- What is not there ---


def test_unknown_file_and_file_of_another_room_look_alike(disk: Files, circle: Circle, film: Asset) -> None:
    other = asset(factories.event(circle.alice).room)
    for asset_id in (uuid.uuid4(), other.pk):
        answer = circle.api("creator").get(f"{circle.room_path}/assets/{asset_id}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_somebody_elses_file_is_403_under_any_room(disk: Files, circle: Circle, film: Asset) -> None:
    carol = factories.user("carol")
    own = factories.event(carol).room
    assert Api(carol).get(path_of(film)).status_code == 403
    assert Api(carol).get(f"/v1/rooms/{uuid.uuid4()}/assets/{film.pk}").status_code == 403
    assert Api(carol).get(f"/v1/rooms/{own.pk}/assets/{film.pk}").status_code == 404


@pytest.mark.parametrize("text", ["x", "1", "%00", "..%2f", "0" * 33])
def test_ids_that_are_none(circle: Circle, text: str) -> None:
    answer = Api(circle.alice).client.get(f"{circle.room_path}/assets/{text}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_lost_file_is_not_found(files: Files, circle: Circle, film: Asset, caplog: pytest.LogCaptureFixture) -> None:
    default_storage.delete(film.file.name)
    answer = download(circle.bob, path_of(film))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "is missing" in caplog.text


@pytest.mark.slow
def test_s3_that_is_down_answers_503(
    disk: Files, circle: Circle, film: Asset, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_files_at(s3_url(f"http://127.0.0.1:{free_port()}", "bucket"), settings, monkeypatch)
    answer = download(circle.bob, path_of(film))
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")


def test_last_modified_is_when_it_was_made(disk: Files, circle: Circle) -> None:
    made = asset(circle.event.room)
    header = download(circle.bob, path_of(made))["Last-Modified"]
    assert header == format_datetime(made.created_at.replace(microsecond=0), usegmt=True)
