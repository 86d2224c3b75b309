"""Kinds of activity of who reads the log: webhooks and sessions. The catalogue, kinds.py, says what all share."""

from dataclasses import dataclass

from activity.audiences import nobody, owner_alone
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class _OfWebhook(Kind):
    """`host` is that of its address: the rest may be secret. `resource` and `event` are words of the Webex API."""

    audience = owner_alone
    label: str
    host: str
    resource: str
    event: str


@dataclass(frozen=True, kw_only=True)
class WebhookCreated(_OfWebhook):
    name = "webhook.created"


@dataclass(frozen=True, kw_only=True)
class WebhookUpdated(_OfWebhook):
    name = "webhook.updated"


@dataclass(frozen=True, kw_only=True)
class WebhookDeleted(_OfWebhook):
    name = "webhook.deleted"


@dataclass(frozen=True, kw_only=True)
class EventsListed(Kind):
    """Somebody read a page of the log by the Webex API; `filters` is its query."""

    name = "compliance.listed"
    audience = nobody
    filters: str
    count: int


@dataclass(frozen=True, kw_only=True)
class EventRead(Kind):
    """Somebody read one event of the log by the Webex API; `event` is its id."""

    name = "compliance.read"
    audience = nobody
    event: str


@dataclass(frozen=True, kw_only=True)
class CospaceSessionEnded(Kind):
    """Staff ended a session of the cospace API; `address` and `program` are those of whoever began it."""

    name = "cospace_session.ended"
    audience = owner_alone
    address: str
    program: str
