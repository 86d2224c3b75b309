"""A file as an answer: whole, or the range that was asked for (RFC 9110 13, 14); to be saved, never to be shown."""

import mimetypes
import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, http_date, parse_etags

from rest.errors import body
from rooms import storage
from rooms.models import Asset

# One range; several at once may be answered by the whole file. 18 digits, for int() refuses thousands of them.
RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.IGNORECASE)
TYPES = mimetypes.MimeTypes()  # Python's own, so that all machines answer alike
ANY_TYPE = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A file that the storage has under `name`; `version` is another one when its bytes are others."""

    name: str
    version: str
    filename: str
    size: int
    created_at: datetime
    content_type: str


def download(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    """200, 206, 304 or 416. Raises NotFound, ServiceUnavailable."""
    return send(request, stored(asset))


def stored(asset: Asset) -> Stored:
    """What stands under an id never changes."""
    return Stored(
        name=str(asset.file.name),
        version=asset.pk.hex,
        filename=asset.filename,
        size=asset.size,
        created_at=asset.created_at,
        content_type=type_by_name(asset.filename),
    )


def type_by_name(filename: str) -> str:
    guessed, encoding = TYPES.guess_type(filename)
    return guessed if guessed and not encoding else ANY_TYPE


def send(request: HttpRequest, file: Stored) -> HttpResponseBase:
    """200, 206, 304 or 416. Raises NotFound, ServiceUnavailable."""
    headers = _headers(file)
    # The bytes of a version never change, so its tag may be compared weakly and strongly alike.
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    if headers["ETag"] in known or "*" in known:
        return HttpResponse(status=304, headers=headers)
    asked = _asked(request, headers, file.size)
    start, stop = asked or (0, file.size)
    if start >= stop and asked:
        return JsonResponse(body(416), status=416, headers={"Content-Range": f"bytes */{file.size}"})
    headers |= {"Content-Length": str(stop - start)}
    if request.method == "HEAD":
        return HttpResponse(content_type=file.content_type, headers=headers)
    if asked:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    parts = storage.pieces(file.name, start, stop)
    return StreamingHttpResponse(parts, status=206 if asked else 200, content_type=file.content_type, headers=headers)


def _headers(file: Stored) -> dict[str, str]:
    # What came from elsewhere may have other names than those that are made here.
    filename = "".join(letter for letter in file.filename if letter.isprintable())
    return {
        "ETag": f'"{file.version}"',
        "Last-Modified": http_date(file.created_at.timestamp()),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition_header(True, filename) or "attachment",
        # Opened in spite of that, it is in no origin and runs nothing.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }


def _asked(request: HttpRequest, headers: dict[str, str], size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last, empty where there are none; None is the whole file.

    A range that is no valid one, or not of this file, is passed over; so is one of a HEAD (RFC 9110 14.2).
    """
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    is_of_this = request.headers.get("If-Range", headers["ETag"]) in {headers["ETag"], headers["Last-Modified"]}
    if match is None or not is_of_this or request.method != "GET":
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return max(size - int(suffix), 0), size if int(suffix) else 0
    if last is not None and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last is not None else size
