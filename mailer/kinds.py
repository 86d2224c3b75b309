"""The catalogue of the kinds of mail, and how messages are stored and travel: as JSON objects."""

from functools import reduce
from operator import or_
from typing import Any

import msgspec

from mailer import digests, notices, protocol, refusals, reminders
from mailer.messages import Message
from mailer.protocol import EventMessage

VERSION = "1"  # of the Mail-Worker Protocol


class InvalidMessageError(ValueError):
    """Not a message of these kinds; the text says which member is wrong."""


# Those of the protocol are every mailer's; kinds of our own, which only this one can render, come beside them.
PROTOCOL: dict[str, type[EventMessage]] = {str(kind.__struct_config__.tag): kind for kind in protocol.KINDS}
_OURS: tuple[type[EventMessage], ...] = (*reminders.KINDS, *refusals.KINDS)
OWN: dict[str, type[EventMessage]] = {str(kind.__struct_config__.tag): kind for kind in _OURS}
OF_MEETINGS: dict[str, type[EventMessage]] = PROTOCOL | OWN
_NOTICES: tuple[type[Message], ...] = (*notices.KINDS, digests.AnswersDigest)
NOTICES: dict[str, type[Message]] = {str(kind.__struct_config__.tag): kind for kind in _NOTICES}
KINDS: dict[str, type[Message]] = {**OF_MEETINGS, **NOTICES}
_ANY: Any = reduce(or_, KINDS.values())


def to_json(message: Message) -> dict[str, Any]:
    """The message as the object that travels and is stored."""
    data: dict[str, Any] = msgspec.to_builtins(message)
    return {"version": VERSION} | data


def from_json(data: dict[str, Any]) -> Message:
    """Raises InvalidMessageError."""
    if data.get("version") != VERSION:
        raise InvalidMessageError(f"This mailer speaks version {VERSION} of the protocol, not {data.get('version')!r}")
    try:
        message: Message = msgspec.convert(data, _ANY)
    except msgspec.ValidationError as error:
        raise InvalidMessageError(str(error)) from None
    return message
