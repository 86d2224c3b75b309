"""What OPTIONS answers: the methods in `Allow`, and no body. DRF would show docstrings and the names of classes."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class NoMetadata(BaseMetadata):
    def determine_metadata(self, request: Request, view: Any) -> None:
        return None
