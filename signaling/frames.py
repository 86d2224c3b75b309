"""Frames on the wire: the envelope, and what a client's frame says (reference: contract 13)."""

import uuid
from datetime import datetime
from typing import Any

import msgspec

from signaling.commands import Command
from signaling.modules import MODULES


class Envelope(msgspec.Struct, frozen=True):
    namespace: str
    payload: msgspec.Raw


class Invalid(Exception):
    """`code` is the error of namespace control."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_envelopes = msgspec.json.Decoder(Envelope)


def opened(data: str | bytes) -> Envelope:
    """Raises Invalid."""
    try:
        return _envelopes.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Invalid("invalid_json") from None


def command_of(envelope: Envelope) -> Command:
    """Raises Invalid."""
    module = MODULES.get(envelope.namespace)
    if module is None:
        raise Invalid("invalid_namespace")
    try:
        return module.decoder.decode(envelope.payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Invalid("invalid_json") from None


def frame(namespace: str, payload: dict[str, Any] | msgspec.Raw, at: datetime) -> str:
    return msgspec.json.encode({"namespace": namespace, "timestamp": at, "payload": payload}, enc_hook=_text).decode()


def error_frame(code: str, at: datetime, namespace: str = "control") -> str:
    return frame(namespace, {"message": "error", "error": code}, at)


def _text(value: Any) -> Any:
    if isinstance(value, uuid.UUID | str):
        return str(value)
    raise NotImplementedError
