"""Importing this fills the registry: each family is a file of this folder."""

from importlib import import_module
from pkgutil import iter_modules

from integrations.cospace.formats.registry import FORMATS, NOT_SHOWN, Events, Reader, events_of

for _family in iter_modules(__path__):
    import_module(f"{__name__}.{_family.name}")

__all__ = ["FORMATS", "NOT_SHOWN", "Events", "Reader", "events_of"]
