"""The words by which activities are found: names, addresses and titles, as they were then.

PostgreSQL finds them by an index that knows beginnings of words (migration 0004). SQLite reads the column of all rows.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, models
from django.db.models.lookups import Lookup

from database.folding import folded

# Members of the kinds' data by which people know what happened.
NAMES = ("title", "label", "display_name", "email", "address", "invited_address", "filename", "host")
LONGEST = 100  # of a word; PostgreSQL takes 2,046 bytes
_EDGES = re.compile(r"^\W+|\W+$")
_PARTS = re.compile(r"\w+")


def names_in(data: dict[str, Any]) -> Iterator[str]:
    return (str(data[name]) for name in NAMES if data.get(name))


def words_of(*texts: str) -> str:
    """For the column: each word once, of an address also its parts."""
    return " ".join(sorted(_words(folded(*texts))))


def _words(text: str) -> set[str]:
    words = set()
    for written in text.split():
        word = _EDGES.sub("", written)
        words |= {word, word.partition("@")[2], *_PARTS.findall(word)}
    return {word[:LONGEST] for word in words if word}


def matching(text: str) -> "models.Q | Lookup[Any]":
    """Activities that have, for each word of the text, one that begins with it."""
    wanted = [word[:LONGEST] for word in (_EDGES.sub("", written) for written in folded(text).split()) if word]
    if not wanted:
        return models.Q(pk__in=[])
    if connection.vendor == "postgresql":
        return _Matches(_Document("search_text"), _Query(models.Value(" & ".join(map(_beginning, wanted)))))
    return _each(wanted)


def _each(wanted: Iterable[str]) -> models.Q:
    condition = models.Q()
    for word in wanted:
        condition &= models.Q(search_text__startswith=word) | models.Q(search_text__contains=f" {word}")
    return condition


def _beginning(word: str) -> str:
    """`'word':*`, in which quotes and backslashes are doubled (PostgreSQL, 8.11.2)."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}':*"


class _Document(models.Func):
    template = "array_to_tsvector(string_to_array(%(expressions)s, ' '))"  # as the index has it
    output_field = models.TextField()


class _Query(models.Func):
    template = "%(expressions)s::tsquery"
    output_field = models.TextField()


class _Matches(Lookup):
    lookup_name = "matches"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        document, values = self.process_lhs(compiler, connection)
        query, more = self.process_rhs(compiler, connection)
        return f"{document} @@ {query}", (*values, *more)
