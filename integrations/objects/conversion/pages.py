"""Counts the pages of documents: PDF (ISO 32000) by pypdf, TIFF 6.0 and BigTIFF by their directories."""

import struct
from typing import BinaryIO

from integrations.objects.conversion.findings import MOST_PAGES, Finding, Unreadable

PDF, TIFF = "application/pdf", "image/tiff"
PDF_HEADER_WITHIN = 1024  # bytes that other programs may have put before it
WIDTH, LENGTH = 256, 257  # the tags that every image has
MOST_TAGS = 4096  # of one page


def document(file: BinaryIO) -> Finding:
    """A PDF or a TIFF. Raises Unreadable."""
    start = _start(file)
    if start[:4] in _TIFF_FORMATS:
        return Finding(mime_type=TIFF, page_count=_count_tiff(file, start[:4]))
    return pdf(file)


def pdf(file: BinaryIO) -> Finding:
    """Raises Unreadable, and whatever pypdf raises for a damaged file."""
    from pypdf import PdfReader  # noqa: PLC0415 - takes 0.2 s, which a TIFF need not wait for

    if b"%PDF-" not in _start(file):
        raise Unreadable("format")
    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("encrypted")
    return Finding(mime_type=PDF, page_count=_within_limit(len(reader.pages)))


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(PDF_HEADER_WITHIN)
    file.seek(0)
    return start


def _within_limit(count: int) -> int:
    if count > MOST_PAGES:
        raise Unreadable("pages")
    if count < 1:
        raise Unreadable
    return count


# The first bytes: byte order, and whether it is a BigTIFF.
_TIFF_FORMATS = {
    b"II*\0": ("<", False),
    b"MM\0*": (">", False),
    b"II+\0": ("<", True),
    b"MM\0+": (">", True),
}


def _count_tiff(file: BinaryIO, magic: bytes) -> int:
    """Follows the chain of directories, each of which is a page."""
    order, is_big = _TIFF_FORMATS[magic]
    count_format, offset_format, entry_size = ("Q", "Q", 20) if is_big else ("H", "I", 12)
    file.seek(8 if is_big else 4)
    offset, seen = _number(file, order + offset_format), set[int]()
    while offset:
        if offset in seen:
            raise Unreadable
        seen.add(offset)
        _within_limit(len(seen))
        file.seek(offset)
        tags = _number(file, order + count_format)
        if not 1 <= tags <= MOST_TAGS:
            raise Unreadable
        entries = _exactly(file, tags * entry_size)
        if not {WIDTH, LENGTH} <= {tag for (tag,) in struct.iter_unpack(f"{order}H{entry_size - 2}x", entries)}:
            raise Unreadable
        offset = _number(file, order + offset_format)
    return _within_limit(len(seen))


def _number(file: BinaryIO, format_: str) -> int:
    (number,) = struct.unpack(format_, _exactly(file, struct.calcsize(format_)))
    if number >= 2**63:  # more than a file can be sought to
        raise Unreadable
    return int(number)


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise Unreadable
    return found
