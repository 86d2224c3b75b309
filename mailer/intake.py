"""Takes in tasks of the Mail-Worker Protocol that another controller made: each becomes a row, which send.py sends."""

import re
import uuid

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import DataError, transaction
from msgspec.structs import replace

from mailer import outbox
from mailer.kinds import PROTOCOL, InvalidMessageError, from_json
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage

MAX_BYTES = 1_000_000  # a description has 4,096 characters: a usual task is a hundredth of this
_MAX_REVISION = 2**31 - 1
_TASK_IDS = uuid.UUID("0b9bb2a5-6f0b-4d57-9d3c-5b8a8f2f3a11")
# NUL, written as an escape of its own and not as the end of an escaped backslash. PostgreSQL stores none.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


class RefusedTaskError(ValueError):
    """Not a task that can become a mail, now or later; the text says why."""


def take_in(body: bytes, *, task_id: str = "") -> None:
    """Queues the mail of one task, a JSON object. Raises RefusedTaskError.

    `task_id` names the task where its sender did so: the same one taken in twice is mailed once.
    """
    message = _read(body)
    cause = uuid.uuid5(_TASK_IDS, task_id) if task_id else uuid.uuid4()
    try:
        with transaction.atomic():
            outbox.enqueue([message], cause=cause)
    except DataError as error:
        raise RefusedTaskError(f"It cannot be stored: {error}") from error


def _read(body: bytes) -> EventMessage:
    if len(body) > MAX_BYTES:
        raise RefusedTaskError(f"It has {len(body)} bytes; {MAX_BYTES} are the most")
    try:
        task = msgspec.json.decode(_NUL.sub(rb"\1", body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedTaskError(f"It is not JSON: {error}") from error
    if not isinstance(task, dict):
        raise RefusedTaskError("It is not a JSON object")
    try:
        message = from_json(task)
    except InvalidMessageError as error:
        raise RefusedTaskError(str(error)) from error
    if not isinstance(message, EventMessage) or message.kind not in PROTOCOL:
        raise RefusedTaskError(f"{message.kind} is not a message of the protocol")
    return _checked(message)


def _checked(message: EventMessage) -> EventMessage:
    """Without streaming keys, which are in no mail. Raises RefusedTaskError for what no row holds."""
    address = message.receiver.email
    try:
        validate_email(address)
        OutgoingMail._meta.get_field("address").run_validators(address)
    except ValidationError as error:
        raise RefusedTaskError(f"{address[:100]!r} is not an e-mail address") from error
    if not 0 <= message.sequence <= _MAX_REVISION:
        raise RefusedTaskError(f"`event.revision` is {message.sequence}; it is at least 0 and at most {_MAX_REVISION}")
    targets = [replace(target, streaming_key="") for target in message.event.streaming_targets]
    return replace(message, event=replace(message.event, streaming_targets=targets))
