"""The contract's two ways to page: numbered pages with a count, and a cursor (contract 2.6)."""

import base64
import binascii
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from rest.errors import BadRequest
from rest.schema import answer_header, number_parameter, text_parameter

DEFAULT_PER_PAGE = 30
MAX_PER_PAGE = 100
MOST_PAGES = 10**9
LONGEST_CURSOR = 1000
INTEGER = re.compile(r"-?[0-9]{1,18}")

LINK = answer_header("Link", 200, "Addresses of other pages (RFC 8288)")
PAGE_PARAMETERS = [
    LINK,
    number_parameter("per_page", DEFAULT_PER_PAGE, "Items per page", minimum=1, maximum=MAX_PER_PAGE),
    number_parameter("page", 1, "Which page", minimum=1, maximum=MOST_PAGES),
]
CURSOR_PARAMETERS = [
    LINK,
    number_parameter("per_page", DEFAULT_PER_PAGE, "Items per page, clamped to 1..100"),
    text_parameter("after", LONGEST_CURSOR, "The cursor from the Link header with rel=after; also as `cursor`"),
]


class Page:
    """One numbered page. `total` is what the whole list holds; rows are taken by `bounds`."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.per_page = _number(request, "per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE)
        self.number = _number(request, "page", 1, MOST_PAGES)

    @property
    def start(self) -> int:
        return (self.number - 1) * self.per_page

    @property
    def stop(self) -> int:
        return self.start + self.per_page

    def response(self, rows: list[Any] | dict[str, Any], total: int) -> Response:
        last = max(1, -(-total // self.per_page))
        links: dict[str, int] = {}
        if self.number > 1:
            links |= {"first": 1, "prev": min(self.number - 1, last)}
        if self.number < last:
            links |= {"next": self.number + 1, "last": last}
        return Response(rows, headers=self._headers(links))

    def _headers(self, links: dict[str, int]) -> dict[str, str]:
        url = self.request.build_absolute_uri()
        values = [f'<{_with(url, "page", number)}>; rel="{rel}"' for rel, number in links.items()]
        return {"Link": ",".join(values)} if values else {}


class Cursor:
    """Keyset paging: `after` is the sort key of the last row shown, as opaque text."""

    def __init__(self, request: Request) -> None:
        self.request, query = request, request.query_params
        # Contract 2.6: out of range is clamped here, but refused in numbered pages.
        self.per_page = min(max(_integer(request, "per_page", DEFAULT_PER_PAGE), 1), MAX_PER_PAGE)
        self.after: list[Any] | None = _decode(query.get("after") or query.get("cursor") or "")

    def take(self, *lists: QuerySet[Any]) -> list[Any]:
        """Of the lists put end to end one row more than a page holds, so that `response` knows whether more exist."""
        rows: list[Any] = []
        for queryset in lists:
            if wanted := self.per_page + 1 - len(rows):
                rows += queryset[:wanted]
        return rows

    def response(self, rows: list[Any], *, after: list[Any] | None) -> Response:
        """`after` is the key of the last row shown, None on the last page."""
        if after is None:
            return Response(rows)
        text = base64.urlsafe_b64encode(orjson.dumps(after)).decode().rstrip("=")
        url = _with(self.request.build_absolute_uri(), "after", text)
        return Response(rows, headers={"Link": f'<{url}>; rel="after"'})


def _decode(text: str) -> list[Any] | None:
    if not text:
        return None
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError("too long")
        value = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        raise BadRequest("The query parameter after is not a cursor of this list") from None
    if not isinstance(value, list):
        raise BadRequest("The query parameter after is not a cursor of this list")
    return value


def _with(url: str, key: str, value: object) -> str:
    """`url` with the parameter set; the contract wants it last."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != key]
    return parts._replace(query=urlencode([*query, (key, value)])).geturl()


def _integer(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not INTEGER.fullmatch(text):
        raise BadRequest(f"The query parameter {name} must be a whole number")
    return int(text)


def _number(request: Request, name: str, default: int, maximum: int) -> int:
    value = _integer(request, name, default)
    if not 1 <= value <= maximum:
        raise BadRequest(f"The query parameter {name} must be between 1 and {maximum}")
    return value
