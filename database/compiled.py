"""Statements that a worker runs for row after row: the SQL is compiled once, each run gives its values.

Of such a small statement the ORM takes several times what the database takes (docs/performance.md). Knows no model.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.db import connection
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import Query, UpdateQuery

Sql = tuple[str, tuple[Any, ...]]


class Parameter(Expression):
    """Stands in a statement for a value of this type, which each run gives by name."""

    def __init__(self, name: str, output_field: "Field[Any, Any]") -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Compiled:
    """A queryset with Parameters in its conditions: `given` their values it is rows."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        self._queryset = queryset
        self._sql: dict[tuple[Any, ...], Sql] = {}
        self._readers: dict[str, Reader] = {}

    def given(self, **values: Any) -> "Rows":
        return Rows(self, values)

    def sql(self, constants: tuple[tuple[str, Any], ...], columns: tuple[str, ...]) -> Sql:
        """An UPDATE of the columns; the question whether there are rows where there are none."""
        key = (connection.vendor, constants, columns)
        if key not in self._sql:
            query = self._queryset.filter(**dict(constants)).query
            query = _update(query, columns) if columns else query.exists()
            self._sql[key] = query.get_compiler(connection=connection).as_sql()
        return self._sql[key]

    def reader(self) -> "Reader":
        """Of whole rows of the model, in the queryset's order."""
        if connection.vendor not in self._readers:
            compiler = self._queryset.query.get_compiler(connection=connection)
            sql = compiler.as_sql()
            converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
            self._readers[connection.vendor] = Reader(self._queryset.model, compiler, sql, converters)
        return self._readers[connection.vendor]


@dataclass(frozen=True)
class Reader:
    model: type[Model]
    compiler: Any
    sql: Sql
    converters: Any

    def first(self, values: dict[str, Any]) -> Any:
        with connection.cursor() as cursor:
            _execute(cursor, self.sql, values)
            row = cursor.fetchone()
        if row is None:
            return None
        columns = [column.target.attname for column, _sql, _alias in self.compiler.select]
        (converted,) = self.compiler.apply_converters([row], self.converters)
        return self.model.from_db(connection.alias, columns, converted)


class Insert:
    """Adds rows of a model one by one: all its columns without a default in the database are given."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        self._sql: dict[tuple[str, ...], Sql] = {}

    def row(self, **values: Any) -> None:
        """By the names of the columns; a foreign key is `…_id`."""
        key = (connection.vendor, *values)
        if key not in self._sql:
            self._sql[key] = self._compiled(tuple(values))
        with connection.cursor() as cursor:
            _execute(cursor, self._sql[key], values)

    def _compiled(self, columns: tuple[str, ...]) -> Sql:
        quoted, meta = connection.ops.quote_name, self._model._meta
        fields: list[Any] = [meta.get_field(name) for name in columns]
        names, places = ", ".join(quoted(field.column) for field in fields), ", ".join(["%s"] * len(fields))
        parameters = [Parameter(name, field) for name, field in zip(columns, fields, strict=True)]
        text = f"INSERT INTO {quoted(meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608 - names of columns
        return text, tuple(parameters)


@dataclass(frozen=True)
class Rows:
    """What a worker asks of a queryset. What is compiled in: which columns are written, and the filter's constants."""

    _compiled: Compiled
    _values: dict[str, Any]
    _constants: tuple[tuple[str, Any], ...] = ()

    def filter(self, **constants: Any) -> "Rows":
        return Rows(self._compiled, self._values, (*self._constants, *constants.items()))

    def exists(self) -> bool:
        with connection.cursor() as cursor:
            _execute(cursor, self._compiled.sql(self._constants, ()), self._values)
            return cursor.fetchone() is not None

    def first(self) -> Any:
        """The model's row, None where there is none."""
        return self._compiled.reader().first(self._values)

    def update(self, **columns: Any) -> int:
        """Of values only, not of expressions; returns how many rows there were."""
        values = self._values | {_new(name): value for name, value in columns.items()}
        with connection.cursor() as cursor:
            _execute(cursor, self._compiled.sql(self._constants, tuple(columns)), values)
            return int(cursor.rowcount)


def _update(query: Query, columns: tuple[str, ...]) -> Query:
    update: Any = query.chain(UpdateQuery)
    field_of: Any = query.get_meta().get_field
    update.add_update_values({name: Parameter(_new(name), field_of(name)) for name in columns})
    return cast(Query, update)


def _new(column: str) -> str:
    """The parameter of its new value, beside which a condition may have one of the old."""
    return f"new_{column}"


def _execute(cursor: Any, sql: Sql, values: dict[str, Any]) -> None:
    text, params = sql
    cursor.execute(text, [_bound(param, values) if isinstance(param, Parameter) else param for param in params])


def _bound(param: Parameter, values: dict[str, Any]) -> Any:
    return param.output_field.get_db_prep_save(values[param.name], connection)
