"""Spacedeck's API: spaces to draw in, each with an address that lets whoever has it draw."""

import logging
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import orjson
from django.conf import settings

from outgoing import http
from outgoing.http import Answer, OutgoingError

logger = logging.getLogger(__name__)
MAX_PDF_BYTES = 100_000_000


class SpacedeckError(Exception):
    """Spacedeck is down, slow, refuses our key or fails."""


def create_space(name: str) -> tuple[str, str]:
    """Its id, and its address."""
    space = _json(_send("POST", "/api/spaces", {"name": name}))
    space_id, key = space.get("_id"), space.get("edit_hash")
    if not (isinstance(space_id, str) and isinstance(key, str) and space_id and key):
        raise _failure("create_space", "the answer lacks _id or edit_hash")
    address = f"{settings.SPACEDECK_URL}/spaces/{quote(space_id, safe='')}?spaceAuth={quote(key, safe='')}"
    return space_id, address


def pdf(space_id: str) -> bytes:
    """The space as a PDF file, which Spacedeck first writes somewhere."""
    url = _json(_send("GET", f"/api/spaces/{quote(space_id, safe='')}/pdf")).get("url")
    if not isinstance(url, str) or not url:
        raise _failure("pdf", "the answer lacks the address")
    answer = _fetch(urljoin(f"{settings.SPACEDECK_URL}/", url))
    if not answer.is_success or not answer.body.startswith(b"%PDF"):
        raise _failure("pdf", f"status {answer.status}, no PDF")
    return answer.body


def delete_space(space_id: str) -> None:
    answer = _send("DELETE", f"/api/spaces/{quote(space_id, safe='')}")
    if not answer.is_success and answer.status != 404:
        raise _failure("delete_space", f"status {answer.status}")


def _fetch(url: str) -> Answer:
    """Files may be in a store elsewhere, which learns no key, and may be no server of our own network."""
    is_own = urlsplit(url)[:2] == urlsplit(settings.SPACEDECK_URL)[:2]
    return _request("GET", url, headers=_key() if is_own else {}, is_trusted=is_own)


def _send(method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
    headers = _key() | {"Content-Type": "application/json"}
    data = None if body is None else orjson.dumps(body)
    return _request(method, f"{settings.SPACEDECK_URL}{path}", headers=headers, body=data, is_trusted=True)


def _key() -> dict[str, str]:
    return {"X-Spacedeck-API-Token": settings.SPACEDECK_API_KEY}


def _request(method: str, url: str, **how: Any) -> Answer:
    seconds = settings.SPACEDECK_TIMEOUT_SECONDS
    try:
        return http.request(method, url, deadline_seconds=seconds, max_bytes=MAX_PDF_BYTES, **how)
    except OutgoingError as error:
        raise _failure(method, str(error)) from None


def _json(answer: Answer) -> dict[str, Any]:
    try:
        return answer.json_object()
    except OutgoingError as error:
        raise _failure("answer", str(error)) from None


def _failure(what: str, why: str) -> SpacedeckError:
    logger.warning("Spacedeck's %s failed: %s", what, why)
    return SpacedeckError(why)
