"""A mail as bytes (RFC 2045 to 2047, RFC 5322), at a tenth of what the standard library's general writer costs.

What mails have in common is encoded once. All is 7-bit: texts as quoted-printable, which spam filters like better than
base64, the rest as base64, which keeps the line ends of calendar objects.
"""

import string
from base64 import encodebytes
from binascii import b2a_base64, b2a_qp
from email import message_from_bytes
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.policy import SMTP, Policy
from email.utils import formataddr, formatdate, parseaddr, quote
from functools import cached_property, lru_cache
from typing import Any, cast

from django.core.mail import EmailMultiAlternatives

from calendars.addresses import ascii_address

_LONGEST_LINE, _LONGEST_WORD = 76, 75  # RFC 2047 2
_BARE = frozenset(string.ascii_letters + string.digits + "!*+-/")  # in the name of a person (RFC 2047 5)
# No part can contain them: quoted-printable has no underscore after an equals sign, base64 none at all.
_MIXED, _ALTERNATIVE, _RELATED = "=_mixed", "=_alternative", "=_related"


def mailbox(name: str, address: str) -> str:
    """`name <address>` in letters as people read them, which ESPs' APIs take; Mail encodes them."""
    known = ascii_address(address)
    return formataddr((name, known)) if name.isascii() else f'"{quote(name)}" <{known}>'


class Mail(EmailMultiAlternatives):
    """A text with alternatives, files, and pictures that the HTML shows; no Bcc header, no messages in messages.

    Of Django's class only the attributes are used, which its backends and anymail's read: it is another writer in 6.
    """

    written: "Written | None" = None  # by the last call of message()

    def message(self, *, policy: Policy = SMTP) -> "Written":  # type: ignore[override]
        texts = [(str(self.body), "text/plain"), *((str(part[0]), str(part[1])) for part in self.alternatives)]
        pictures = [_picture(item) for item in self.attachments if isinstance(item, MIMEBase)]
        bodies = [_related(_part(*text), pictures if text[1] == "text/html" else []) for text in texts]
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
    """A mail's bytes; a message of the standard library for those who look into it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def as_bytes(self, unixfrom: bool = False, policy: Policy | None = None, *, linesep: str = "\r\n") -> bytes:
        """As it travels. `linesep` is Django 5's, which passes this one; the others' arguments change nothing."""
        return self._parsed.as_bytes(policy=SMTP) if "_parsed" in vars(self) else self._data  # and perhaps changed

    @cached_property
    def _parsed(self) -> EmailMessage:
        return message_from_bytes(self._data, policy=SMTP)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # who copies it asks for them before it has its bytes
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
    """Encoded and folded between words; ValueError for a value of two lines."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"A header has one line: {name}")
    lines = [f"{name}:"]
    for word in (value if value.isascii() else _words(value, room=_LONGEST_LINE - len(name) - 2)).split(" "):
        if lines != [f"{name}:"] and len(lines[-1]) + len(word) >= _LONGEST_LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _encoded(mailbox: str) -> str:
    """In ASCII, the name in encoded words."""
    if mailbox.isascii():
        return mailbox
    name, address = parseaddr(mailbox)
    return f"{_words(name, room=_LONGEST_LINE - len('Reply-To: '))} <{address}>"  # the longest header that holds one


def _words(text: str, *, room: int) -> str:
    """As encoded words (RFC 2047 2 and 5), the first of at most `room` characters, in the shorter of both encodings."""
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
    if char in _BARE:
        return char
    return "_" if char == " " else "".join(f"={byte:02X}" for byte in char.encode())


def _related(part: bytes, pictures: list[bytes]) -> bytes:
    return _multipart("related", _RELATED, [part, *pictures]) if pictures else part


def _picture(item: MIMEBase) -> bytes:
    """Named by its Content-ID, and no file to save."""
    more = f"Content-ID: {item['Content-ID']}\r\nContent-Disposition: inline\r\n"
    return _base64(cast(bytes, item.get_payload(decode=True)), item.get_content_type(), more)


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    line = f"\r\n--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()
    return b"".join([head, *(line + b"\r\n" + part for part in parts), line, b"--\r\n"])


def _part(content: str, kind: str) -> bytes:
    return (
        _text(content, kind)
        if kind in ("text/plain", "text/html")
        else _base64(content.encode(), kind + "; charset=utf-8")
    )


@lru_cache(maxsize=64)
def _text(content: str, kind: str) -> bytes:
    lines = "\r\n".join(content.splitlines()) + "\r\n"
    head = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + b2a_qp(lines.encode(), istext=True)


def _file(name: str, content: str | bytes, kind: str) -> bytes:
    data = content.encode() if isinstance(content, str) else content
    return _base64(data, kind, f'Content-Disposition: attachment; filename="{name}"\r\n')


def _base64(data: bytes, kind: str, more: str = "") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
    return head.encode() + encodebytes(data).replace(b"\n", b"\r\n")
