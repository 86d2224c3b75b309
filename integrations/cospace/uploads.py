"""Files in the bodies of requests and answers."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request

from rest.errors import NotFound
from rest.parsers import FileParser
from rooms.assets.downloads import ANY_TYPE, Stored, send
from rooms.assets.uploads import Upload


class AnyFileParser(FileParser):
    """Whatever type the client says it is; the body is read piece by piece."""

    media_type = "*/*"


def upload_in(request: Request) -> Upload:
    """Raises BadRequest where there is no body, or no Content-Length."""
    return Upload(request)


def answered(request: Request, file: Stored | None) -> HttpResponseBase:
    """The file, with the statuses of HTTP (RFC 9110) and not of cospace. Raises NotFound where there is none."""
    if file is None:
        raise NotFound("Nothing has been uploaded yet")
    return send(request._request, file)


def type_of(request: Request) -> str:
    """As the client says; "" where it says nothing of use."""
    said = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    is_type = said.isascii() and said.isprintable() and len(said) <= 100 and said.count("/") == 1 and " " not in said
    return said if is_type and said not in (ANY_TYPE, "application/json") else ""
