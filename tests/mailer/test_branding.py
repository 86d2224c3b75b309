"""The head of a mail: the configured name, or a picture that comes with the mail."""

import struct
import zlib
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from mailer.branding import InvalidLogoError, read_logo
from mailer.preview import part, sample_mail
from mailer.render import with_calendar_as_file
from opentalk_site.checks import mails
from tests.mailer.test_html_rules import check


def png(width: int, height: int, *, size: int = 0) -> bytes:
    """A grey picture; `size` bytes at least."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"tEXt", b"x" * size)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def logo(tmp_path: Path, settings: Any) -> bytes:
    data = png(300, 60)
    (tmp_path / "logo.png").write_bytes(data)
    settings.MAIL_LOGO = str(tmp_path / "logo.png")
    return data


def test_picture_comes_with_the_html_and_is_no_file(logo: bytes) -> None:
    mail = sample_mail("registered_event_invite", "single", "en")
    sent = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    assert [item.get_content_type() for item in sent.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
        "application/ics",
    ]
    (picture,) = (item for item in sent.walk() if item.get_content_type() == "image/png")
    assert picture.get_payload(decode=True) == logo
    assert (picture["Content-ID"], picture.get_content_disposition(), picture.get_filename()) == (
        "<logo>",
        "inline",
        None,
    )


def test_picture_is_shown_small_with_the_name_for_who_sees_none(logo: bytes) -> None:
    html = part(sample_mail("registered_event_invite", "single", "en"), "html").decode()
    assert '<img src="cid:logo" alt="OpenTalk" width="160" height="32" ' in html
    check(html)


def test_without_a_picture_the_name_stands_there_and_nothing_is_attached() -> None:
    mail = sample_mail("registered_event_invite", "single", "en")
    assert "<img" not in part(mail, "html").decode()
    assert [item.get_content_type() for item in mail.message().walk()].count("multipart/related") == 0


def test_picture_stays_where_an_api_takes_the_calendar_as_a_file(logo: bytes) -> None:
    mail = with_calendar_as_file(sample_mail("registered_event_invite", "single", "en"))
    assert [item.get_content_type() for item in mail.message().walk()][-2:] == ["image/png", "text/calendar"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"GIF89a" + bytes(30), "is not a PNG"),
        (b"", "is not a PNG"),
        (png(1, 1, size=200_000), "has more than 102400 bytes, and goes with every mail"),
        (png(0, 0), "has no size"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_picture_is_refused_at_the_start(
    data: bytes | None, text: str, tmp_path: Path, settings: Any
) -> None:
    path = tmp_path / "logo.png"
    if data is not None:
        path.write_bytes(data)
    settings.MAIL_LOGO = str(path)
    assert [found.msg for found in mails(None)] == [f"MAIL_LOGO: {path} {text}."]
    with pytest.raises(InvalidLogoError):
        read_logo(str(path))


def test_no_picture_is_no_fault() -> None:
    assert mails(None) == []


def test_large_picture_keeps_its_shape(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    path.write_bytes(png(1200, 60))
    wide = read_logo(str(path))
    assert (wide.width, wide.height) == (240, 12)
