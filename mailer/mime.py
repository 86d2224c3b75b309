"""Writes mails as bytes (RFC 2045 to 2047, RFC 5322), ten times as fast as the standard library's general writer.

Headers and texts that several mails share are encoded once (lru_cache). Everything is 7-bit: texts as quoted-printable,
because spam filters rate base64 texts lower, and all else as base64, which preserves the line ends of calendar objects.
"""

import string
from base64 import encodebytes
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.policy import SMTP, Policy
from email.utils import formataddr, formatdate, parseaddr, quote
from functools import cached_property, lru_cache
from typing import Any, cast

from django.core.mail import EmailMultiAlternatives

from calendars.addresses import ascii_address
from mailer.messages import MARK

_LONGEST_LINE, _LONGEST_WORD = 76, 75  # RFC 2047 2
_UNENCODED = frozenset(string.ascii_letters + string.digits + "!*+-/")  # in a display name (RFC 2047 5)
_SOFT_BREAK = b"=\r\n"  # RFC 2045 6.7
_ON_ITS_LINE = _SOFT_BREAK + MARK.encode() + _SOFT_BREAK
# Boundaries that no part can contain: "=_" never occurs in quoted-printable, and base64 has no underscore.
_MIXED, _ALTERNATIVE, _RELATED = "=_mixed", "=_alternative", "=_related"


def mailbox(name: str, address: str) -> str:
    """`name <address>`, not yet encoded, as the APIs of ESPs expect it; Mail encodes the name when it is written."""
    known = ascii_address(address)
    return formataddr((name, known)) if name.isascii() else f'"{quote(name)}" <{known}>'


class Mail(EmailMultiAlternatives):
    """A text with alternatives, attached files, and inline pictures. Bcc and attached messages are not supported.

    Uses only the attributes of Django's class, which Django's and anymail's backends read, and none of its methods for
    writing: Django 6 replaces those.
    """

    written: "Written | None" = None  # the result of the last message()
    own_text = ""  # what of its texts is this receiver's alone, in ASCII: all else is encoded once for all of them

    def message(self, *, policy: Policy = SMTP) -> "Written":  # type: ignore[override]
        texts = [(str(self.body), "text/plain"), *((str(part[0]), str(part[1])) for part in self.alternatives)]
        pictures = [_picture(item) for item in self.attachments if isinstance(item, MIMEBase)]
        bodies = [_related(_part(*text, self.own_text), pictures if text[1] == "text/html" else []) for text in texts]
        parts = [_multipart("alternative", _ALTERNATIVE, bodies)]
        parts += [_file(*item) for item in self.attachments if not isinstance(item, MIMEBase)]
        whole = _multipart("mixed", _MIXED, parts) if len(parts) > 1 else parts[0]
        self.written = Written(b"".join(_header(*item) for item in self._headers()) + b"MIME-Version: 1.0\r\n" + whole)
        return self.written

    def _headers(self) -> list[tuple[str, str]]:
        addresses = (("From", [self.from_email]), ("To", self.to), ("Cc", self.cc), ("Reply-To", self.reply_to))
        return [
            *((name, ", ".join(map(_encoded, people))) for name, people in addresses if people),
            ("Subject", str(self.subject)),
            ("Date", formatdate()),
            *((name, str(value)) for name, value in self.extra_headers.items()),
        ]


class Written:
    """The bytes of a mail. Headers and other members of EmailMessage are available, and parsed when first used."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def as_bytes(self, unixfrom: bool = False, policy: Policy | None = None, *, linesep: str = "\r\n") -> bytes:
        """As sent. The arguments exist because callers pass them (`linesep`: Django 5) and have no effect."""
        # Once parsed, it may have been changed.
        return self._parsed.as_bytes(policy=SMTP) if "_parsed" in vars(self) else self._data

    @cached_property
    def _parsed(self) -> EmailMessage:
        return message_from_bytes(self._data, policy=SMTP)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copy and pickle look these up before _data is set
        return getattr(self._parsed, name)

    def __getitem__(self, name: str) -> Any:
        return self._parsed[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._parsed[name] = value

    def __delitem__(self, name: str) -> None:
        del self._parsed[name]

    def __contains__(self, name: str) -> bool:
        return name in self._parsed


@lru_cache(maxsize=256)
def _header(name: str, value: str) -> bytes:
    """The header line, encoded and folded between words. Raises ValueError if the value contains a line break."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"A header has one line: {name}")
    lines = [f"{name}:"]
    for word in (value if value.isascii() else _words(value, room=_LONGEST_LINE - len(name) - 2)).split(" "):
        if lines != [f"{name}:"] and len(lines[-1]) + len(word) >= _LONGEST_LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _encoded(mailbox: str) -> str:
    """The mailbox in ASCII, its name as encoded words."""
    if mailbox.isascii():
        return mailbox
    name, address = parseaddr(mailbox)
    return f"{_words(name, room=_LONGEST_LINE - len('Reply-To: '))} <{address}>"  # the longest header that holds one


def _words(text: str, *, room: int) -> str:
    """The text as encoded words (RFC 2047 2 and 5) in Q or B encoding, whichever is shorter.

    The first word has at most `room` characters, because the header's name precedes it.
    """
    quoted = "".join(map(_quoted, text))
    is_quoted = len(quoted) <= len(b2a_base64(text.encode(), newline=False))
    words: list[str] = []
    piece = ""
    for char in text:
        if len(_word(piece + char, is_quoted)) > (room if not words else _LONGEST_WORD):
            words.append(piece)
            piece = ""
        piece += char
    return " ".join(_word(piece, is_quoted) for piece in [*words, piece])


def _word(text: str, is_quoted: bool) -> str:
    if is_quoted:
        return f"=?utf-8?q?{''.join(map(_quoted, text))}?="
    return f"=?utf-8?b?{b2a_base64(text.encode(), newline=False).decode()}?="


def _quoted(char: str) -> str:
    if char in _UNENCODED:
        return char
    return "_" if char == " " else "".join(f"={byte:02X}" for byte in char.encode())


def _related(part: bytes, pictures: list[bytes]) -> bytes:
    return _multipart("related", _RELATED, [part, *pictures]) if pictures else part


def _picture(item: MIMEBase) -> bytes:
    """Inline, referenced by its Content-ID, so that mail programs do not list it as an attachment."""
    more = f"Content-ID: {item['Content-ID']}\r\nContent-Disposition: inline\r\n"
    return _base64(cast(bytes, item.get_payload(decode=True)), item.get_content_type(), more)


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    line = f"\r\n--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()
    return b"".join([head, *(line + b"\r\n" + part for part in parts), line, b"--\r\n"])


def _part(content: str, kind: str, own: str = "") -> bytes:
    if kind not in ("text/plain", "text/html"):
        return _base64(content.encode(), kind + "; charset=utf-8")
    if not own:
        return _text(content, kind)
    return _text(content.replace(own, MARK), kind).replace(_ON_ITS_LINE, _SOFT_BREAK.join(_lines(own)))


def _lines(own: str) -> Iterator[bytes]:
    yield b""
    for start in range(0, len(own), _LONGEST_LINE - 1):
        yield own[start : start + _LONGEST_LINE - 1].encode("ascii")
    yield b""


@lru_cache(maxsize=64)
def _text(content: str, kind: str) -> bytes:
    lines = "\r\n".join(content.splitlines()) + "\r\n"
    head = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + _ON_ITS_LINE.join(map(_quoted_printable, lines.split(MARK)))


def _quoted_printable(piece: str) -> bytes:
    """b2a_qp breaks the lines of a text that has no CRLF with LF alone."""
    return b2a_qp(piece.encode(), istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _file(name: str, content: str | bytes, kind: str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return _base64(data, kind, f'Content-Disposition: attachment; filename="{name}"\r\n')


def _base64(data: bytes, kind: str, more: str = "") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return head.encode() + encodebytes(data).replace(b"\n", b"\r\n")
