"""What programs that read the log do: it is no event of what they read."""

from activity.reader_kinds import (
    CospaceSessionEnded,
    EventRead,
    EventsListed,
    WebhookCreated,
    WebhookDeleted,
    WebhookUpdated,
)
from integrations.webex.formats.table import Formats, NotShown

FORMATS: Formats = {}
NOT_SHOWN: NotShown = frozenset({
    CospaceSessionEnded, EventsListed, EventRead, WebhookCreated, WebhookUpdated, WebhookDeleted,
})  # fmt: skip
