"""Documents and sounds, whole and broken, made here."""

import io
import struct
import wave
from functools import cache

from pypdf import PdfWriter


@cache
def pdf(pages: int = 3, password: str = "", owner_password: str = "") -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if password or owner_password:
        writer.encrypt(password, owner_password, algorithm="AES-256")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


# A page tree whose only child is itself.
LOOPING_PDF = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Count 1 /Kids [2 0 R] >>
endobj
trailer
<< /Root 1 0 R /Size 3 >>
%%EOF
"""


def tiff(pages: int = 2, *, order: str = "<", is_big: bool = False, tags: tuple[int, ...] = (256, 257)) -> bytes:
    """Each page is a directory of those tags, and nothing else."""
    mark = b"II" if order == "<" else b"MM"
    if is_big:
        head = mark + struct.pack(f"{order}HHHQ", 43, 8, 0, 16)
        size = 8 + 20 * len(tags) + 8
    else:
        head = mark + struct.pack(f"{order}HI", 42, 8)
        size = 2 + 12 * len(tags) + 4
    written = head
    for page in range(pages):
        following = len(head) + size * (page + 1) if page + 1 < pages else 0
        entries = b"".join(struct.pack(f"{order}HHQQ" if is_big else f"{order}HHII", tag, 4, 1, 100) for tag in tags)
        written += struct.pack(f"{order}{'Q' if is_big else 'H'}", len(tags)) + entries
        written += struct.pack(f"{order}{'Q' if is_big else 'I'}", following)
    return written


def looping_tiff() -> bytes:
    """Two directories, the second of which names the first one as the next."""
    whole = tiff(2)
    return whole[:-4] + struct.pack("<I", 8)


def wav(seconds: float = 0.1, rate: int = 8000) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(b"\0\0" * int(seconds * rate))
    return written.getvalue()


def mp3(frames: int = 10, *, before: bytes = b"", behind: bytes = b"") -> bytes:
    """MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes for each frame."""
    return before + (b"\xff\xfb\x90\x00" + bytes(413)) * frames + behind


def ogg(pages: int = 3, codec: bytes = b"OpusHead", *, ends: bool = True) -> bytes:
    written = b""
    for page in range(pages):
        flags = (2 if page == 0 else 0) | (4 if ends and page == pages - 1 else 0)
        body = codec + bytes(40) if page == 0 else bytes(100)
        header = b"OggS" + struct.pack("<BBqIII", 0, flags, page, 1, page, 0)
        written += header + bytes([1, len(body)]) + body
    return written
