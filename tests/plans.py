"""What PostgreSQL does for a request: the plans of its statements, carried out and counted (EXPLAIN ANALYZE)."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

Node = dict[str, Any]
EXCEPTIONS = "events_eventexception"
GROWING = {
    "activity_activity", "activity_audience", "events_agenda", "events_digest", "events_event", EXCEPTIONS,
    "invites_eventinvite", "invites_reply", "rooms_room", "rooms_sipconfig",
}  # fmt: skip


class Plans:
    """All statements of one request."""

    def __init__(self, call: Callable[[], Any]) -> None:
        with CaptureQueriesContext(connection) as captured:
            call()
        statements = [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "(SELECT"))]
        self.roots = [_explain(statement) for statement in statements]

    def nodes(self) -> Iterator[Node]:
        for root in self.roots:
            yield from _below(root)

    @property
    def touched(self) -> Counter[str]:
        """Rows read by table, with those that a filter then threw away."""
        found: Counter[str] = Counter()
        for node in self.nodes():
            if "Relation Name" in node:
                found[node["Relation Name"]] += _read(node)
        # All exceptions of a series are shown with it, beside what counts as the page.
        del found[EXCEPTIONS]
        return found

    @property
    def scanned(self) -> set[str]:
        """Tables that grow with the number of events, and were read from beginning to end."""
        return {node["Relation Name"] for node in self.nodes() if node["Node Type"] == "Seq Scan"} & GROWING

    @property
    def sorted(self) -> int:
        """The most rows that were sorted at once, exceptions apart."""
        sorts = [node for node in self.nodes() if "Sort" in node["Node Type"]]
        others = [node for node in sorts if all(below.get("Relation Name") != EXCEPTIONS for below in _below(node))]
        return max((round(_rows(node["Plans"][0])) for node in others), default=0)

    @property
    def blocks(self) -> int:
        """Blocks of 8 kB looked at: what an index condition skips is read too, and counts as no row."""
        return sum(root["Shared Hit Blocks"] + root["Shared Read Blocks"] for root in self.roots)


def _explain(statement: str) -> Node:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
        return cursor.fetchone()[0][0]["Plan"]


def _below(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)


def _rows(node: Node) -> float:
    return node["Actual Rows"] * node["Actual Loops"]


def _read(node: Node) -> int:
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return round(_rows(node) + removed * node["Actual Loops"])
