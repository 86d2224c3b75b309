"""Stores files completely or not at all, and reads them in pieces, on any Django storage."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, Self

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from rest.errors import NotFound, ServiceUnavailable

logger = logging.getLogger(__name__)
files: Any = default_storage  # a DiskStorage, or an S3Storage of rooms.s3: both have open_range

PIECE = 256 * 1024  # what a download holds in memory; smaller ones cost a change of threads more often


class Source(Protocol):
    """Where a file comes from. `read` gives less than was asked only at the end: S3's uploader stops there.

    -1 is all that is left; the uploader says so when it has reached the end of a small file.
    """

    def read(self, size: int = -1) -> bytes: ...


class _Incoming(File):  # type: ignore[type-arg]
    """A source as storages take it, which ask what it can do."""

    closed = False

    def seekable(self) -> bool:
        return False


class DiskStorage(FileSystemStorage):
    def open_range(self, name: str, start: int, stop: int) -> IO[bytes]:
        """A stream that begins at `start`; it may go on behind `stop`."""
        file = Path(self.path(name)).open("rb")  # noqa: SIM115 - closed by who reads it
        file.seek(start)
        return file


@contextmanager
def kept(name: str, source: Source) -> Iterator[None]:
    """Writes the file, which stays if the block succeeds; whatever fails, also half-way through `source`, leaves none.

    Raises ServiceUnavailable, and what `source` and the block raise.
    """
    try:
        try:
            files.save(name, _Incoming(source))  # type: ignore[arg-type]
        except OSError as error:
            logger.exception("file %s could not be written", name)
            raise ServiceUnavailable from error
        yield
    except BaseException:
        remove(name)
        raise


class Pieces:
    """A stream's next bytes. Unlike a generator's, its `close` works where no piece was taken yet."""

    def __init__(self, stream: IO[bytes], left: int) -> None:
        self.stream = stream
        self.left = left
        self.close = stream.close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece = self.stream.read(min(PIECE, self.left))
        if not piece:
            self.close()
            raise StopIteration
        self.left -= len(piece)
        return piece


def pieces(name: str, start: int, stop: int) -> Pieces:
    """The bytes from `start` up to `stop`. Opened here, read when asked for. Raises NotFound, ServiceUnavailable."""
    try:
        source = files.open_range(name, start, stop) if start < stop else io.BytesIO()
    except FileNotFoundError:
        logger.exception("file %s is missing", name)
        raise NotFound from None
    except OSError as error:
        logger.exception("file %s could not be read", name)
        raise ServiceUnavailable from error
    return Pieces(source, stop - start)


def remove(name: str) -> None:
    """A file that cannot be removed now is logged and stays; the transaction is not undone."""
    try:
        files.delete(name)
    except Exception:
        logger.exception("file %s could not be removed", name)
