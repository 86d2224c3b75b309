"""HTTP requests to other servers: one total deadline, a size limit, no redirect, and no address inside our own
network.

Python's own client ends a request only when *one* read takes too long: a server that
sends a byte a second would hold a worker for hours.
"""

import http.client
import io
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

import orjson

MAX_BYTES = 1_000_000
# What an answer has beside its body: headers, and a size for each chunk. http.client reads a chunk of the size -1 to
# the end of the connection, whatever it was asked for.
MAX_FRAMING = 1_000_000
CONNECT_SECONDS = 5  # so that another address of the host is tried before the deadline
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
# IPv4 inside IPv6: translated by a gateway of ours, so the address inside decides (RFC 6052).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
ANYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


class OutgoingError(Exception):
    """No usable answer: a refused address, no connection, too slow, too large or no HTTP. The text names no secret."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Raises OutgoingError where the body is no JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise OutgoingError("the answer is no JSON") from None

    def json_object(self) -> dict[str, Any]:
        """The answer of an operation that must succeed with a JSON object; raises OutgoingError for anything else."""
        if not self.is_success:
            raise OutgoingError(f"the answer's status is {self.status}")
        value = self.json()
        if not isinstance(value, dict):
            raise OutgoingError("the answer is no JSON object")
        return value


def request(
    method: str,
    url: str,
    *,
    deadline_seconds: float,
    headers: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int = MAX_BYTES,
    is_cut: bool = False,
    is_trusted: bool = False,
    networks: Sequence[IPNetwork] = (),
) -> Answer:
    """Sends one request and reads the whole answer, whatever its status. Raises OutgoingError.

    `is_trusted` is for addresses that the operator configured: they may be private. Addresses that users give are not,
    but for those in the operator's `networks`. An answer larger than `max_bytes` is refused, or cut where `is_cut`.
    """
    clock = _Clock(time.monotonic() + deadline_seconds)
    parts = _checked(url)
    headers = {"User-Agent": "OpenTalk-Site", "Accept-Encoding": "identity", **(headers or {})}
    if form is not None:
        body = urlencode(form).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        allowed = ANYWHERE if is_trusted else networks
        with _connected(parts, clock, allowed, max_bytes + MAX_FRAMING) as connection:
            connection.request(method, target, body, headers)
            return _read(connection.getresponse(), max_bytes, is_cut=is_cut)
    except (OSError, http.client.HTTPException, ValueError) as error:
        # TimeoutError and ssl.SSLError are OSErrors; ValueError is a line break in the target or a header.
        raise OutgoingError(f"{parts.hostname}: {type(error).__name__}: {error}") from None


def _read(response: http.client.HTTPResponse, max_bytes: int, *, is_cut: bool) -> Answer:
    body = response.read(max_bytes + 1)
    is_large = len(body) > max_bytes
    if is_large and not is_cut:
        raise OutgoingError(f"the answer is larger than {max_bytes} bytes")
    if response.length and not is_large:  # http.client counts it down and does not complain
        raise OutgoingError("the answer ended early")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body[:max_bytes])


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or parts.username is not None or parts.password is not None:
        raise OutgoingError("this is no http or https address")
    return parts


class _Clock:
    """What is left until the deadline."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at

    def left(self) -> float:
        seconds = self.ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return seconds


@contextmanager
def _connected(
    parts: SplitResult, clock: _Clock, networks: Sequence[IPNetwork], max_read: int
) -> Iterator[http.client.HTTPConnection]:
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    raw = _open(_resolve(host, parts.port or (443 if is_tls else 80), clock), clock, networks)
    try:
        if is_tls:
            raw.settimeout(clock.left())
            raw = _tls().wrap_socket(raw, server_hostname=host)
        # These arguments only make the `Host` header: the socket is open already, to the address that was checked.
        connection = http.client.HTTPConnection(host, parts.port)
        connection.default_port = 443 if is_tls else 80
        connection.port = parts.port or connection.default_port
        connection.sock = _DeadlineSocket(raw, clock, max_read)
        yield connection
    finally:
        raw.close()


def _open(addresses: list[Any], clock: _Clock, networks: Sequence[IPNetwork]) -> socket.socket:
    """A connection to the first address that answers, none of which may be refused."""
    if not all(is_reachable(sockaddr[0], networks) for _family, sockaddr in addresses):
        raise OutgoingError("this address is not on the public internet")
    failure: OSError = ConnectionError("the name has no address")
    for family, sockaddr in addresses:
        candidate = socket.socket(family, socket.SOCK_STREAM)
        try:
            candidate.settimeout(min(clock.left(), CONNECT_SECONDS))
            candidate.connect(sockaddr)
        except OSError as error:
            candidate.close()
            failure = error
        else:
            return candidate
    raise failure


def _resolve(host: str, port: int, clock: _Clock) -> list[Any]:
    """(family, socket address) pairs. In a thread, for the system's resolver knows no deadline."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        result = found.get(timeout=clock.left())
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(result, Exception):
        raise ConnectionError(str(result))
    return [(family, sockaddr) for family, _type, _protocol, _name, sockaddr in result]


def is_reachable(text: str, networks: Sequence[IPNetwork]) -> bool:
    """Whether the address is public or in one of the networks, also where it hides in another address."""
    address = _unwrapped(text)
    return address is not None and (_is_public(address) or any(address in network for network in networks))


def _unwrapped(text: str) -> IPAddress | None:
    """The IPv4 address inside an IPv6 address (mapped, 6to4, NAT64), else the address itself; None for other text."""
    try:
        address: IPAddress = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: IPAddress) -> bool:
    """`is_global` alone takes multicast, and IPv6 addresses that nobody has, or nobody has any more (RFC 3879)."""
    is_special = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return address.is_global and not is_special


@cache
def _tls() -> ssl.SSLContext:
    """Loading the system's authorities takes longer than a request."""
    return ssl.create_default_context()


class _DeadlineSocket:
    """The part of a socket that http.client uses, with what is left of the deadline as the timeout of each call."""

    def __init__(self, raw: socket.socket, clock: _Clock, max_read: int) -> None:
        self.raw = raw
        self.clock = clock
        self.max_read = max_read

    def sendall(self, data: bytes) -> None:
        """By pieces: the one of ssl.SSLSocket gives each of its own the whole timeout."""
        rest = memoryview(data)
        while rest:
            self.raw.settimeout(self.clock.left())
            rest = rest[self.raw.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self))

    def close(self) -> None:
        """http.client does this while it still reads; `_connected` closes."""


class _DeadlineReader(io.RawIOBase):
    def __init__(self, source: _DeadlineSocket) -> None:
        self._source = source
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._source.raw.settimeout(self._source.clock.left())
        count = self._source.raw.recv_into(buffer)
        self._read += count
        if self._read > self._source.max_read:
            raise ConnectionError("the answer does not end")
        return count
