"""What each kind of activity is in the words of Webex: a file for each family, merged here."""

from functools import cache

from activity.kind import Kind
from integrations.webex.formats import (
    chats,
    devices,
    media,
    meetings,
    memberships,
    objects,
    produced,
    readers,
    rooms,
    site,
)
from integrations.webex.formats.table import Event

FAMILIES = (rooms, meetings, memberships, chats, devices, objects, media, produced, readers, site)

FORMATS: dict[str, list[Event]] = {
    kind.name: list(events) for family in FAMILIES for kind, events in family.FORMATS.items()
}
NOT_SHOWN: frozenset[str] = frozenset(kind.name for family in FAMILIES for kind in family.NOT_SHOWN)


@cache
def kinds_of(resource: str, type_: str) -> tuple[str, ...]:
    """The kinds that may give such events; "" is any."""
    return tuple(name for name, events in FORMATS.items() if any(is_wanted(one, resource, type_) for one in events))


def is_wanted(event: Event, resource: str, type_: str) -> bool:
    """Whether it is listed, and of this resource and type, where "" is any."""
    return event.is_listed and resource in ("", event.resource) and type_ in ("", event.type)


def kinds_twice() -> list[type[Kind]]:
    """Of which two families say something; for the test of the catalogue."""
    named = [kind for family in FAMILIES for kind in (*family.FORMATS, *family.NOT_SHOWN)]
    return [kind for kind in named if named.count(kind) > 1]
