"""What staff set up, written as a form has it: each write is one activity; its subject tells what it is about."""

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from activity.actors import Actor
from activity.audiences import NOWHERE, Place
from activity.changes import in_json
from activity.history.fields import SECRETS
from activity.kinds import SetupCreated, SetupDeleted, SetupUpdated
from activity.log import Entry, record, record_all


@transaction.atomic
def save_row(*, row: models.Model, actor: Actor, changes: dict[str, tuple[Any, Any]], place: Place = NOWHERE) -> None:
    """Adds or changes the row. `changes` is `{field: (old, new)}`; of a secret it is kept that there is another one."""
    is_new = row._state.adding
    row.save()
    if is_new:
        record(SetupCreated(label=str(row)), actor=actor, subject=row, place=place)
        return
    told = {name: (_told(old), _told(new)) for name, (old, new) in changes.items()}
    # A form takes an empty list for a change.
    written = {name: pair for name, pair in in_json(told).items() if pair[0] != pair[1]}
    if written:
        written |= dict.fromkeys(written.keys() & SECRETS, ("", ""))
        record(SetupUpdated(label=str(row)), actor=actor, subject=row, place=place, changes=written)


@transaction.atomic
def add_rows(*, rows: Sequence[models.Model], actor: Actor) -> None:
    """New ones of one model that no tenant has, in as many statements as for one."""
    type(rows[0])._default_manager.bulk_create(rows)
    record_all([Entry(kind=SetupCreated(label=str(row)), subject=row) for row in rows], actor=actor)


@transaction.atomic
def delete_row(*, row: models.Model, actor: Actor, place: Place = NOWHERE) -> None:
    """Raises ProtectedError where another row needs it."""
    record(SetupDeleted(label=str(row)), actor=actor, subject=row, place=place)
    row.delete()


def _told(value: Any) -> Any:
    """A row by its id, several by their names."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, models.QuerySet | list) and any(isinstance(one, models.Model) for one in value):
        return sorted(map(str, value))
    return list(value) if isinstance(value, models.QuerySet) else value
