"""A file in a request's body, read piece by piece."""

from typing import Any

from django.http import UnreadablePostError
from rest_framework.request import Request

from rest.errors import BadRequest


class Upload:
    """The body of exactly `size` bytes. Raises BadRequest at once where there is none, later where it is cut off."""

    def __init__(self, request: Request) -> None:
        self.stream: Any = request.data  # by rest.parsers.FileParser
        self.size = self.left = int(request.META.get("CONTENT_LENGTH") or 0)
        if not self.size:
            raise BadRequest("The request body must be the file, with its length in Content-Length; it is empty")

    def read(self, size: int = -1) -> bytes:
        """Less than `size` only at the end, however small the pieces are in which the network brings it."""
        wanted, parts = self.left if size < 0 else min(size, self.left), []
        while wanted:
            part = self._part(wanted)
            parts.append(part)
            wanted -= len(part)
            self.left -= len(part)
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        try:
            part: bytes = self.stream.read(size)
        except UnreadablePostError:
            part = b""
        if not part:
            raise BadRequest("The file ended before its Content-Length")
        return part
