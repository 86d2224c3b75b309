"""What people belong to and sign in with, as staff change it: tenants, groups, tariffs, OIDC clients."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from activity.actors import Actor
from activity.audiences import Place
from activity.changes import in_json
from activity.kinds import SetupCreated, SetupDeleted, SetupUpdated
from activity.log import Entry, record, record_all
from mailer.models import MailBranding
from users.models import Client, Group, Tariff, Tenant

Row = Tenant | Group | Tariff | Client | MailBranding
SECRETS = frozenset({"client_secret"})


@transaction.atomic
def save_row(*, row: Row, actor: Actor, changes: dict[str, tuple[Any, Any]]) -> None:
    """Adds or changes the row. `changes` is `{field: (old, new)}`; of a secret it is kept that there is another one."""
    is_new = row._state.adding
    row.save()
    if is_new:
        record(SetupCreated(label=str(row)), actor=actor, subject=row, place=_place(row))
        return
    ids = {name: (_id(old), _id(new)) for name, (old, new) in changes.items()}
    # A form takes an empty list for a change.
    written = {name: pair for name, pair in in_json(ids).items() if pair[0] != pair[1]}
    if written:
        written |= dict.fromkeys(written.keys() & SECRETS, ("", ""))
        record(SetupUpdated(label=str(row)), actor=actor, subject=row, place=_place(row), changes=written)


@transaction.atomic
def add_rows(*, rows: Sequence[Tariff], actor: Actor) -> None:
    """New ones, in as many statements as for one."""
    Tariff.objects.bulk_create(rows)
    record_all([Entry(kind=SetupCreated(label=str(row)), subject=row, place=_place(row)) for row in rows], actor=actor)


@transaction.atomic
def delete_row(*, row: Row, actor: Actor) -> None:
    """Raises ProtectedError where people still have it."""
    record(SetupDeleted(label=str(row)), actor=actor, subject=row, place=_place(row))
    row.delete()


def _place(row: Row) -> Place:
    tenant_id: uuid.UUID | None = row.pk if isinstance(row, Tenant) else getattr(row, "tenant_id", None)
    return Place(tenant_id=tenant_id)


def _id(value: Any) -> Any:
    """A row by its id, as the form has it."""
    return value.pk if isinstance(value, models.Model) else value
