"""Kinds of activity of callbacks and the addresses they go to. The catalogue, kinds.py, says what all share."""

from dataclasses import dataclass

from activity.audiences import nobody
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class _OfEndpoint(Kind):
    """Of an address that callbacks are sent to: the rest of it may be secret."""

    audience = nobody
    host: str


@dataclass(frozen=True, kw_only=True)
class EndpointDisabled(_OfEndpoint):
    """`reason` is gone, failing or staff; so many deliveries that waited were `given_up`."""

    name = "endpoint.disabled"
    reason: str
    given_up: int


@dataclass(frozen=True, kw_only=True)
class EndpointEnabled(_OfEndpoint):
    name = "endpoint.enabled"


@dataclass(frozen=True, kw_only=True)
class EndpointRefuses(_OfEndpoint):
    """It has answered 401, 403 or 404 for an hour."""

    name = "endpoint.refuses"
    status: int


@dataclass(frozen=True, kw_only=True)
class EndpointPinged(_OfEndpoint):
    """Staff sent a sample to it."""

    name = "endpoint.pinged"
    message_id: str


@dataclass(frozen=True, kw_only=True)
class CallbackGivenUp(_OfEndpoint):
    """No try was left."""

    name = "callback.given_up"
    message_id: str
    kind: str
    error: str


@dataclass(frozen=True, kw_only=True)
class CallbackSkipped(_OfEndpoint):
    """Staff let those behind it go first, for good."""

    name = "callback.skipped"
    message_id: str


@dataclass(frozen=True, kw_only=True)
class CallbacksRedelivered(_OfEndpoint):
    """Staff sent one (`message_id`) once more, or all that were given up since a moment."""

    name = "callback.redelivered"
    count: int
    message_id: str
    failed_since: str | None


CALLBACK_KINDS: tuple[type[Kind], ...] = (
    EndpointDisabled, EndpointEnabled, EndpointRefuses, EndpointPinged,
    CallbackGivenUp, CallbackSkipped, CallbacksRedelivered,
)  # fmt: skip
