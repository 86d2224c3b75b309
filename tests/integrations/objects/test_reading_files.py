"""What is found in documents and sounds, broken ones too."""

import io
import time
from collections.abc import Callable
from typing import BinaryIO

import pytest

from integrations.objects.conversion import child
from integrations.objects.conversion.findings import MOST_PAGES, Finding, Unreadable
from integrations.objects.conversion.pages import document, pdf
from integrations.objects.conversion.sounds import sound
from tests.integrations.objects import samples

ID3V2 = b"ID3\x04\x00\x00\x00\x00\x02\x01" + bytes(257)  # 2 * 128 + 1 bytes


def found(look: Callable[[BinaryIO], Finding], content: bytes) -> Finding:
    try:
        return look(io.BytesIO(content))
    except Unreadable as error:
        return Finding(problem=error.problem)


def test_pages_of_a_pdf_are_counted() -> None:
    assert found(document, samples.pdf(3)) == Finding(mime_type="application/pdf", page_count=3)
    assert found(document, b"some mail header\n" + samples.pdf(1)).page_count == 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("is_big", [False, True])
def test_pages_of_a_tiff_are_counted(order: str, is_big: bool) -> None:
    content = samples.tiff(4, order=order, is_big=is_big)
    assert found(document, content) == Finding(mime_type="image/tiff", page_count=4)


def test_presentation_is_a_pdf_alone() -> None:
    assert found(pdf, samples.tiff(1)) == Finding(problem="format")


def test_pdf_that_needs_no_password_to_be_read_is_counted() -> None:
    assert found(document, samples.pdf(2, owner_password="secret")).page_count == 2
    assert found(document, samples.pdf(2, password="secret")) == Finding(problem="encrypted")


def test_broken_tiff_is_damaged() -> None:
    whole = samples.tiff(2)
    broken = {
        "loops": samples.looping_tiff(),
        "ends within a directory": whole[:-20],
        "begins nowhere": whole[:4] + b"\xff\xff\xff\xff" + whole[8:],
        "has no page": whole[:4] + b"\0\0\0\0",
        "has a directory without entries": whole[:8] + b"\0\0" + whole[10:],
        "has a page without width": samples.tiff(1, tags=(257, 258)),
        "has an offset beyond all files": samples.tiff(1, is_big=True)[:8] + b"\xff" * 8,
        "is its first bytes": b"II*\0",
    }
    assert {name for name, content in broken.items() if found(document, content) != Finding(problem="damaged")} == set()


def test_document_has_a_limit_of_pages() -> None:
    assert found(document, samples.tiff(MOST_PAGES)).page_count == MOST_PAGES
    assert found(document, samples.tiff(MOST_PAGES + 1)) == Finding(problem="pages")


def test_other_formats_are_no_documents_and_no_sounds() -> None:
    for content in (b"", b"\0", b"GIF89a", b"PK\x03\x04 a spreadsheet", b"%!PS-Adobe", b"fLaC" + bytes(40)):
        assert found(document, content) == Finding(problem="format"), content
        assert found(sound, content) == Finding(problem="format"), content


def test_whole_sounds_are_known_by_their_type() -> None:
    kinds = {
        "audio/wav": [samples.wav()],
        "audio/ogg": [samples.ogg(), samples.ogg(codec=b"\x01vorbis")],
        "audio/mpeg": [
            samples.mp3(),
            samples.mp3(before=ID3V2),
            samples.mp3(behind=b"TAG" + bytes(125)),
            samples.mp3(behind=b"APETAGEX" + bytes(40)),
            samples.mp3()[:-100],  # the last frame is cut short, as many programs leave it
        ],
    }
    for mime_type, contents in kinds.items():
        for content in contents:
            assert found(sound, content) == Finding(mime_type=mime_type), (mime_type, content[:12])


def test_broken_sounds_are_refused() -> None:
    whole = samples.wav()
    coded = whole[:20] + b"\x06\x00" + whole[22:]  # A-law, which Python cannot decode
    problems = {
        whole[:-100]: "damaged",
        whole[:12]: "damaged",
        whole[:44]: "damaged",
        coded: "format",
        samples.ogg(ends=False): "damaged",
        samples.ogg()[:-10]: "damaged",
        samples.ogg()[:60] + b"x" + samples.ogg()[61:]: "",  # what it plays is not looked at
        samples.ogg(codec=b"\x80theora"): "format",
        samples.mp3(1): "damaged",
        samples.mp3(5, behind=b"something else that is no frame"): "damaged",
        b"ID3": "damaged",
        ID3V2[:6] + b"\xff\xff\xff\xff": "damaged",
    }
    wrong = {
        content[:12]: found(sound, content)
        for content, problem in problems.items()
        if found(sound, content).problem != problem
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(5000), samples.LOOPING_PDF, samples.pdf(3)[:200]],
    ids=["header", "zeros", "loop", "half"],
)
def test_broken_pdf_ends_soon_whatever_is_in_it(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child.sys, "stdin", type("Stdin", (), {"buffer": io.BytesIO(content)}))
    begin = time.process_time()
    assert child.look("document") == Finding(problem="damaged")
    assert time.process_time() - begin < 2
