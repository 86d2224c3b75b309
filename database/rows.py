"""Plain rows for the hottest reads: named tuples instead of model instances, of a select that is written once.

Through the ORM a page of a list costs several times what its rows cost: half goes into writing SQL that is the same
for every request, half into instances of which an answer needs a few columns (docs/performance.md). Knows no model.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import Any, TypeVar

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections
from django.db.models import JSONField, Model, QuerySet
from django.db.models.query import BaseIterable
from django.db.models.sql import Query

Row = TypeVar("Row")
# What the SQL that is written once says of the query; conditions and slice are all that may be added.
WRITTEN = (
    "annotations", "combinator", "distinct", "distinct_fields", "extra", "extra_order_by", "extra_tables", "group_by",
    "order_by", "select_for_update", "standard_ordering",
)  # fmt: skip
Part = type[Any]  # a model, or a NamedTuple, for which there is no type


def plain_rows(queryset: QuerySet[Any], make: Callable[..., Row], parts: dict[str, Part]) -> QuerySet[Any, Row]:
    """The ordered `queryset` as rows `make(*parts)`; it may be filtered and sliced like any other, and no more.

    Another order (`last()` has one), `distinct()`, annotations and locks raise NotSupportedError when it is read.

    `parts` are named tuples, or models, by the path from the queryset's model to the one whose columns they are; "" is
    its own. The first column of a part is one that is never NULL: where an outer join finds nothing, the part is None.
    A filter may use the tables of the parts, and others in subqueries; it cannot join more of them.
    """
    select = queryset.values_list(
        *(f"{path}__{name}" if path else name for path in parts for name in _names(parts[path]))
    )
    makers, widths = [_maker(part) for part in parts.values()], [len(_names(part)) for part in parts.values()]
    starts = [sum(widths[:index]) for index in range(len(widths))]
    cuts = [
        (maker, start, slice(start, start + width)) for maker, start, width in zip(makers, starts, widths, strict=True)
    ]

    class Rows(BaseIterable):  # type: ignore[type-arg] # only its stubs are generic
        def __iter__(self) -> Iterator[Row]:
            _check(self.queryset.query, select.query)
            for row in _fetched(self.queryset, *written(self.queryset.db)):
                yield make(*(maker(row[cut]) if row[first] is not None else None for maker, first, cut in cuts))

    @cache
    def written(using: str) -> tuple[str, str, tuple[Any, ...], dict[Any, Any]]:
        """The SQL before and after the conditions, its parameters, and Django's converters of the values."""
        compiler = select.query.get_compiler(using)
        sql, params = compiler.as_sql()
        head, order = sql.rsplit(" ORDER BY ", 1)
        converters = compiler.get_converters([column for column, *_alias in compiler.select])
        return head, order, params, {index: (_quick(found), column) for index, (found, column) in converters.items()}

    select._iterable_class = Rows  # what values_list itself does
    return select


def _names(part: Part) -> tuple[str, ...]:
    return tuple(field.attname for field in part._meta.concrete_fields) if issubclass(part, Model) else part._fields


def _maker(part: Part) -> Callable[[Any], Any]:
    return partial(part.from_db, DEFAULT_DB_ALIAS, _names(part)) if issubclass(part, Model) else part._make


def _quick(converters: list[Any]) -> list[Any]:
    """The same, but JSON, of which a page has dozens of tiny values, is read by orjson."""
    return [_json if getattr(found, "__func__", None) is JSONField.from_db_value else found for found in converters]


def _json(value: str | None, _expression: Any, _connection: Any) -> Any:
    return None if value is None else orjson.loads(value)


def _check(query: Query, written: Query) -> None:
    for name in WRITTEN:
        # No order is any order: `get()` takes the order away.
        if (found := getattr(query, name)) != getattr(written, name) and not (name == "order_by" and not found):
            raise NotSupportedError(f"Plain rows cannot change: {name}")


def _fetched(queryset: QuerySet[Any], head: str, order: str, own: tuple[Any, ...], converters: Any) -> Iterable[Any]:
    """What the database answers, between `head` and `order` being asked for the queryset's conditions and slice."""
    query, connection = queryset.query, connections[queryset.db]
    compiler = query.get_compiler(queryset.db)
    try:
        where, params = compiler.compile(query.where)
    except EmptyResultSet:
        return ()
    limit = connection.ops.limit_offset_sql(query.low_mark, query.high_mark)
    with connection.cursor() as cursor:
        cursor.execute(f"{head} WHERE {where} ORDER BY {order} {limit}", (*own, *params))
        rows: Iterable[Any] = cursor.fetchall()
    converted: Iterable[Any] = compiler.apply_converters(rows, converters) if converters else rows
    return converted
