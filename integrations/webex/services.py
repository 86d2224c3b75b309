"""Reading the log is itself in the log: each page, and each event."""

import uuid

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Place
from activity.log import record
from activity.reader_kinds import EventRead, EventsListed
from integrations.webex import listing
from integrations.webex.events import Made
from integrations.webex.filters import Asked
from rest.errors import NotFound
from users.models import User


@transaction.atomic
def list_events(*, reader: User, asked: Asked, filters: str, actor: Actor) -> listing.Page:
    """A page of the reader's tenant. `filters` is the query, for the log."""
    page = listing.page(reader.tenant_id, asked.filters, maximum=asked.maximum, cursor=asked.cursor)
    kind = EventsListed(filters=filters, count=len(page.events))
    record(kind, actor=actor, subject=reader, place=Place(tenant_id=reader.tenant_id))
    return page


@transaction.atomic
def read_event(*, reader: User, event_id: uuid.UUID, actor: Actor) -> Made:
    """Raises NotFound."""
    made = listing.find(reader.tenant_id, event_id)
    if made is None:
        raise NotFound
    record(EventRead(event=str(event_id)), actor=actor, subject=reader, place=Place(tenant_id=reader.tenant_id))
    return made
