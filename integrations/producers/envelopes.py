"""CloudEvents 1.0: what a report must say beside its data, and what is wrong with one."""

import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from django.utils import timezone

from integrations.producers.kinds import Produced
from integrations.producers.models import ID_LENGTH
from integrations.producers.schemas import LONGEST_MESSAGE, MOST_PROBLEMS, Json, Problem, problems, unkeepable
from rest.fields import parse_rfc3339

OLDEST, NEWEST = timedelta(days=7), timedelta(minutes=5)
ALL = "produce:*"
# The attributes that are read; a producer's extensions are not.
HEADERS = ("id", "source", "specversion", "type", "subject", "time", "dataschema", "datacontenttype")


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A report without fault, as far as that shows without its object."""

    kind: Produced
    id: str
    source: str
    subject: uuid.UUID
    time: datetime
    data: Json


def from_headers(headers: Mapping[str, str], data: Any) -> Json:
    """Binary mode (HTTP binding 3.1): the attributes are in ce-* headers, percent-encoded, the body is the data."""
    given = {name: unquote(headers[f"ce-{name}"]) for name in HEADERS if f"ce-{name}" in headers}
    return given | {"data": data}


def read(item: Any, kinds: Callable[[], Mapping[str, Produced]], roles: Collection[str]) -> Envelope | list[Problem]:
    """`kinds` are asked for once a report has a type."""
    if not isinstance(item, dict):
        return [Problem("", "This must be an object")]
    found = [*_wrong_texts(item), *_wrong_data(item)]
    kind = None
    if not any(one.pointer == "/type" for one in found):
        kind = kinds().get(item["type"])
        found += _wrong_kind(kind, roles)
    subject, time = _subject(item), _time(item)
    found += [one for one in (subject, time) if isinstance(one, Problem)]
    if kind is not None and not any(one.pointer.startswith("/data") for one in found):
        found += problems(kind.validator, item["data"], "/data")
    if found or kind is None or isinstance(subject, Problem) or isinstance(time, Problem):
        return sorted(found, key=lambda one: one.pointer)[:MOST_PROBLEMS]
    return Envelope(kind=kind, id=item["id"], source=item["source"], subject=subject, time=time, data=item["data"])


def _wrong_texts(item: Json) -> Iterator[Problem]:
    for name in ("id", "source", "type"):
        value = item.get(name)
        if value is None:
            yield Problem(f"/{name}", "This member is required")
        elif not isinstance(value, str) or not 0 < len(value) <= ID_LENGTH or "\0" in value:
            yield Problem(f"/{name}", f"This must be a text of 1 to {ID_LENGTH} characters")
    if item.get("specversion", "1.0") != "1.0":
        yield Problem("/specversion", 'This must be "1.0"')


def _wrong_data(item: Json) -> Iterator[Problem]:
    if "data_base64" in item:
        yield Problem("/data_base64", "Data must be JSON, in the member data")
    kind = item.get("datacontenttype") or "application/json"
    if not isinstance(kind, str) or not kind.partition(";")[0].strip().lower().endswith(("/json", "+json")):
        yield Problem("/datacontenttype", "Data must be JSON")
    if not isinstance(item.get("data"), dict):
        yield Problem("/data", "This must be an object")
    else:
        for count, one in enumerate(unkeepable(item["data"], "/data")):
            if count == MOST_PROBLEMS:
                return
            yield one


def _wrong_kind(kind: Produced | None, roles: Collection[str]) -> Iterator[Problem]:
    if kind is None:
        yield Problem("/type", "There is no such kind: GET /v1/services/activity/kinds lists all")
    elif kind.scope not in roles and ALL not in roles:
        yield Problem("/type", f"The service needs the role {kind.scope}"[:LONGEST_MESSAGE])


def _subject(item: Json) -> uuid.UUID | Problem:
    value = item.get("subject")
    if value is None:
        return Problem("/subject", "This member is required")
    try:
        return uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        return Problem("/subject", "This must be the UUID of an object")


def _time(item: Json) -> datetime | Problem:
    value = item.get("time")
    if value is None:
        return Problem("/time", "This member is required")
    time = parse_rfc3339(value) if isinstance(value, str) and len(value) <= 64 else None
    if time is None:
        return Problem("/time", "This must be an RFC 3339 time with offset")
    now = timezone.now()
    try:
        is_near = now - OLDEST <= time <= now + NEWEST
    except OverflowError:
        is_near = False
    return time if is_near else Problem("/time", "This must be in the last seven days, at most five minutes ahead")
