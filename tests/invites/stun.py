"""As much of STUN (RFC 8489) and TURN (RFC 8656) as asking a server for a relayed address takes."""

import hashlib
import hmac
import os
import socket
import struct
from dataclasses import dataclass

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, SUCCESS, REFUSED = 0x0001, 0x0003, 0x0004, 0x0100, 0x0110
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
REALM, NONCE, XOR_RELAYED_ADDRESS, REQUESTED_TRANSPORT = 0x0014, 0x0015, 0x0016, 0x0019
UDP = b"\x11\0\0\0"
HEADER = struct.Struct("!HHI12s")


class RefusedError(Exception):
    """The server's error code."""


@dataclass(frozen=True)
class Message:
    kind: int
    attributes: dict[int, bytes]

    @property
    def error_code(self) -> int:
        value = self.attributes[ERROR_CODE]
        return value[2] * 100 + value[3]


def answers(address: tuple[str, int]) -> bool:
    """Whether a STUN server is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        line.connect(address)
        try:
            return _ask(line, BINDING, {}).kind == BINDING | SUCCESS
        except OSError:
            return False


def allocate(address: tuple[str, int], username: str, password: str) -> tuple[str, int]:
    """The relayed address that the server grants; it is given back. Raises RefusedError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(10)
        line.connect(address)
        challenge = _ask(line, ALLOCATE, {REQUESTED_TRANSPORT: UDP})
        assert challenge.kind == ALLOCATE | REFUSED
        assert challenge.error_code == 401
        realm = challenge.attributes[REALM]
        key = hashlib.md5(b":".join([username.encode(), realm, password.encode()]), usedforsecurity=False).digest()
        who = {USERNAME: username.encode(), REALM: realm, NONCE: challenge.attributes[NONCE]}
        granted = _ask(line, ALLOCATE, {REQUESTED_TRANSPORT: UDP} | who, key)
        if granted.kind != ALLOCATE | SUCCESS:
            raise RefusedError(granted.error_code)
        _ask(line, REFRESH, {LIFETIME: struct.pack("!I", 0)} | who, key)
        return _unmasked(granted.attributes[XOR_RELAYED_ADDRESS])


def _ask(line: socket.socket, kind: int, attributes: dict[int, bytes], key: bytes | None = None) -> Message:
    transaction = os.urandom(12)
    body = b"".join(_attribute(number, value) for number, value in attributes.items())
    if key is not None:
        # The length that is signed counts the signature in (RFC 8489 14.5).
        signed = HEADER.pack(kind, len(body) + 24, COOKIE, transaction) + body
        body += _attribute(MESSAGE_INTEGRITY, hmac.digest(key, signed, "sha1"))
    line.send(HEADER.pack(kind, len(body), COOKIE, transaction) + body)
    return _read(line.recv(2048), transaction)


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + b"\0" * (-len(value) % 4)


def _read(data: bytes, transaction: bytes) -> Message:
    kind, length, cookie, answered = HEADER.unpack_from(data)
    assert (length, cookie, answered) == (len(data) - HEADER.size, COOKIE, transaction)
    attributes, place = {}, HEADER.size
    while place < len(data):
        number, size = struct.unpack_from("!HH", data, place)
        attributes[number] = data[place + 4 : place + 4 + size]
        place += 4 + size + -size % 4
    return Message(kind, attributes)


def _unmasked(value: bytes) -> tuple[str, int]:
    family, port, address = struct.unpack("!xBHI", value)
    assert family == 1
    return socket.inet_ntoa(struct.pack("!I", address ^ COOKIE)), port ^ (COOKIE >> 16)
