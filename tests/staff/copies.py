"""Many rows of each model, copied inside the database from its first one; what has to be unique is made so."""

from collections.abc import Iterable, Iterator

from django.db import connection, models
from django.db.models import Field, Model, UniqueConstraint

_SERIES = "WITH RECURSIVE n(n) AS (SELECT %(first)s UNION ALL SELECT n + 1 FROM n WHERE n < %(last)s)"


def multiply(kinds: Iterable[type[Model]], *, first: int, last: int) -> None:
    """Adds the copies with these numbers. Their relations stay those of the row, where they may.

    Where a relation has to be another one, it is to the copy with the same number: both are among `kinds` then.
    """
    with connection.cursor() as cursor:
        for kind in kinds:
            row = kind._default_manager.order_by("pk").first()
            if row is not None:
                pk = kind._meta.pk.get_db_prep_value(row.pk, connection)
                cursor.execute(_copying(kind), {"first": first, "last": last, "pk": pk})
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    connection.check_constraints()


def _copying(kind: type[Model]) -> str:
    varied = set(_varied(kind))
    into, values = [], []
    for field in kind._meta.concrete_fields:
        if field.generated or isinstance(field, models.AutoField):
            continue
        into.append(f'"{field.column}"')
        values.append(_other(field) if field in varied else f'"{field.column}"')
    table = kind._meta.db_table
    return (
        f'{_SERIES} INSERT INTO "{table}" ({", ".join(into)}) SELECT {", ".join(values)} FROM "{table}", n'
        f' WHERE "{kind._meta.pk.column}" = %(pk)s'
    )


def _varied(kind: type[Model]) -> Iterator[Field]:
    """One of each set of fields that is unique, rather not a relation."""
    meta = kind._meta
    sets = [[field] for field in meta.concrete_fields if field.unique]
    sets += [[meta.get_field(name) for name in names] for names in meta.unique_together]
    sets += [
        [meta.get_field(name) for name in rule.fields]
        for rule in meta.constraints
        if isinstance(rule, UniqueConstraint)
    ]
    for fields in filter(None, sets):
        yield next((field for field in reversed(fields) if not field.is_relation), fields[-1])


def _other(field: Field) -> str:
    """As SQL, of PostgreSQL and SQLite alike: what is empty stays so."""
    column, target = f'"{field.column}"', field
    while target.remote_field:
        target = target.target_field
    if isinstance(target, models.UUIDField):
        copy = f"md5('{target.model._meta.db_table}.{target.column}' || n)"
        return f"CASE WHEN {column} IS NULL THEN NULL ELSE {copy}{'::uuid' * (connection.vendor == 'postgresql')} END"
    if isinstance(target, models.CharField | models.TextField):
        return f"CASE WHEN {column} = '' THEN '' ELSE n || substr({column}, 1, {(target.max_length or 100) - 6}) END"
    if isinstance(target, models.DateField):
        later = "{} + n * interval '1 minute'" if connection.vendor == "postgresql" else "datetime({}, n || ' minutes')"
        return later.format(column)
    return f"{column} + n"
