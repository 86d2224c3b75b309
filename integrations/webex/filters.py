"""What a listing asks for: the query of GET /webex/v1/events, read with all its mistakes named at once."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.http import QueryDict
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail

from integrations.webex import ids, times
from integrations.webex.formats.table import RESOURCES, TYPES
from integrations.webex.listing import LONGEST_CURSOR, Cursor, Filters
from rest.errors import ValidationFailed

ALL = "all"
# Webex has `read` among its types, which never happens here.
KNOWN_TYPES = (*TYPES, "read", ALL)
CALLING, OF_CALLING = "calling", ("call_records", "convergedRecordings")
DEFAULT_MAX, MOST = 100, 1000
CLOCKS = timedelta(minutes=1)  # by which a client's clock may be ahead
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
Value = TypeVar("Value")


class _Wrong(Exception):
    pass


@dataclass(frozen=True)
class Asked:
    filters: Filters
    maximum: int
    cursor: Cursor | None


def read(query: QueryDict) -> Asked:
    """Raises ValidationFailed with a line for each wrong parameter. An empty one counts as left out."""
    errors: dict[str, list[Any]] = {}

    def value(name: str, parse: Callable[[str], Value], default: Value) -> Value:
        try:
            text = _one(query, name)
            return parse(text) if text else default
        except _Wrong as error:
            errors[name] = [ErrorDetail(str(error), "invalid")]
            return default

    resource = value("resource", _word(RESOURCES), "")
    found = Filters(
        resource=resource,
        type=value("type", _word(KNOWN_TYPES), "").removeprefix(ALL),
        actor_id=value("actorId", _person, None),
        start=value("from", _instant, None),
        end=value("to", _past, None),
    )
    asked = Asked(found, value("max", _maximum, DEFAULT_MAX), value("cursor", _cursor, None))
    if value("serviceType", _word((CALLING,)), "") and resource not in OF_CALLING:
        errors["serviceType"] = [ErrorDetail(f"This goes with resource {' or '.join(OF_CALLING)} only", "invalid")]
    if found.start and found.end and found.start > found.end:
        errors["from"] = [ErrorDetail("This must not be after `to`", "invalid")]
    if errors:
        raise ValidationFailed(errors)
    return asked


def _one(query: QueryDict, name: str) -> str:
    """Clients put what they asked for into the address of the next page once more, not always encoded."""
    given = {text.replace(" ", "+") for text in query.getlist(name) if text}
    if len(given) > 1:
        raise _Wrong("This was given several times, with different values")
    return next(iter(given), "")


def _word(words: tuple[str, ...]) -> Callable[[str], str]:
    def read_word(text: str) -> str:
        if text not in words:
            raise _Wrong(f"This must be one of {', '.join(words)}")
        return text

    return read_word


def _person(text: str) -> uuid.UUID:
    found = ids.read(text, ids.PERSON)
    if found is None:
        raise _Wrong("This must be the id of a person")
    return found


def _instant(text: str) -> datetime:
    found = times.read(text)
    if found is None:
        raise _Wrong("This must be a time with its offset, such as 2026-11-20T10:00:00.000Z")
    return found


def _past(text: str) -> datetime:
    found = _instant(text)
    if found > timezone.now() + CLOCKS:
        raise _Wrong("This must not be in the future")
    return found


def _maximum(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MOST:
        raise _Wrong(f"This must be a whole number from 1 to {MOST}")
    return int(text)


def _cursor(text: str) -> Cursor:
    found = Cursor.read(text) if len(text) <= LONGEST_CURSOR else None
    if found is None:
        raise _Wrong("This must be as the address of the next page has it")
    return found
