"""Ids as Webex writes them: base64 of `ciscospark://us/KIND/uuid`, without padding; read in any usual spelling."""

import base64
import binascii
import re
import uuid

PERSON, ROOM, MESSAGE, MEMBERSHIP = "PEOPLE", "ROOM", "MESSAGE", "MEMBERSHIP"
ORGANIZATION, EVENT, WEBHOOK, APPLICATION = "ORGANIZATION", "EVENT", "WEBHOOK", "APPLICATION"
FILE, TAB = "CONTENT", "ROOM_TAB"
LONGEST = 200  # of an id as it is read; ours have at most 84 characters
# Who acts where no person does: jobs, and services without an id of their own.
SYSTEM = uuid.uuid5(uuid.NAMESPACE_URL, "ciscospark://us/PEOPLE/system")
_URI = re.compile(r"ciscospark://[a-z0-9_-]{1,32}/([A-Z_]{1,32})/([0-9a-fA-F-]{32,36})\s?", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}", re.ASCII)


def written(kind: str, value: uuid.UUID | str) -> str:
    return base64.b64encode(f"ciscospark://us/{kind}/{value}".encode()).decode().rstrip("=")


def read(text: str, kind: str) -> uuid.UUID | None:
    """The UUID in an id of this kind: padded or not, in either alphabet; also a bare UUID. None for all else."""
    if len(text) > LONGEST or not text.isascii():
        return None
    if _UUID.fullmatch(text):
        return uuid.UUID(text)
    found = _URI.fullmatch(_decoded(text))
    if found is None or found[1] != kind or not _UUID.fullmatch(found[2]):
        return None
    return uuid.UUID(found[2])


def _decoded(text: str) -> str:
    plain = text.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
