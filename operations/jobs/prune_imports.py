"""Uploaded lists that nobody confirmed, and the results of old ones."""

from imports import services
from operations.job import PruneJob


class PruneImports(PruneJob):
    name = "prune-imports"
    prunable = staticmethod(services.prunable)
    prune = staticmethod(services.prune)
