"""Which addresses that somebody typed may be fetched: public ones, and those the operator allows.

Asked twice: when an address is stored, without asking the DNS, and when it is used, by `outgoing.http`, of the very
addresses that it connects to.
"""

import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from outgoing import http
from rest.errors import ValidationFailed, field_error

MAX_LENGTH = 2000
# Not names of this site alone: whether they are reached is a matter of CALLBACK_ALLOWED_NETWORKS.
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class RefusedAddressError(Exception):
    """The text says why, and names no secret."""


def check_url(url: str, *, field: str = "url") -> None:
    """Raises a field error where nothing may be sent to that address."""
    try:
        refuse(url)
    except RefusedAddressError as error:
        raise _field_error(field, str(error)) from None


def refuse(url: str) -> None:
    """Raises RefusedAddressError."""
    parts = _parsed(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if parts.scheme == "http" and not settings.CALLBACK_ALLOW_HTTP:
        raise RefusedAddressError("The address must begin with https://")
    if _port(parts) not in _ports():
        raise RefusedAddressError("The address names a port that is not allowed")
    if _is_own(host):
        raise RefusedAddressError("The address is one of this site")
    if not _is_reachable(host):
        raise RefusedAddressError("The address is not on the public internet")


def _field_error(field: str, text: str) -> ValidationFailed:
    return field_error(field, "invalid_url", text)


def _parsed(url: str) -> SplitResult:
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}') and len(url) <= MAX_LENGTH
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not (is_plain and is_usable) or "%" in parts.netloc:
        raise RefusedAddressError("This is no http or https address of at most 2000 ASCII characters")
    if "@" in parts.netloc:
        raise RefusedAddressError("The address must not name a user or a password")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _ports() -> set[int]:
    return {*settings.CALLBACK_ALLOWED_PORTS, *([80] if settings.CALLBACK_ALLOW_HTTP else [])}


def _is_own(host: str) -> bool:
    """By these names this site is reached: whoever made it call itself would act from inside."""
    names = [urlsplit(url).hostname or "" for url in (settings.BASE_URL, settings.FRONTEND_URL)]
    names += [name.strip("[]").lower() for name in settings.ALLOWED_HOSTS]
    names = [name for name in names if name not in ("*", *LOOPBACK)]
    return any(host == name.strip(".") or (name.startswith(".") and host.endswith(name)) for name in names)


def _is_reachable(host: str) -> bool:
    """True for a name. An address may be written in any way that the system's resolver reads: 127.1, 0x7f000001."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 6.3
        host = "127.0.0.1"
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return True
    return all(http.is_reachable(str(sockaddr[0]), settings.CALLBACK_ALLOWED_NETWORKS) for *_kind, sockaddr in found)
