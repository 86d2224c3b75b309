"""Importing this fills the registry: each family is a file."""

from integrations.cospace.formats import devices, media, meetings, not_shown, objects, people, presence
from integrations.cospace.formats.registry import FORMATS, NOT_SHOWN, Events, Reader, events_of

__all__ = [
    "FORMATS",
    "NOT_SHOWN",
    "Events",
    "Reader",
    "devices",
    "events_of",
    "media",
    "meetings",
    "not_shown",
    "objects",
    "people",
    "presence",
]
