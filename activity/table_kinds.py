"""Activities of staff who take lists out of the admin, or bring some in."""

from dataclasses import dataclass

from activity.audiences import nobody
from activity.kind import Kind


@dataclass(frozen=True, kw_only=True)
class ListExported(Kind):
    """`list` is the model's label, or what the list is of; `filters` is the query of its page."""

    name = "list.exported"
    audience = nobody
    list: str
    count: int
    filters: str


@dataclass(frozen=True, kw_only=True)
class ListImported(Kind):
    """Confirmed, with so many new rows of a file, "" where they were pasted; what became of each follows."""

    name = "list.imported"
    audience = nobody
    list: str
    count: int
    source: str
