"""Use cases of staff who import: upload, confirm, go on after an error, discard; and the removal of what is old."""

import uuid
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import IO, Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext

from activity.actors import Actor
from activity.audiences import Place
from activity.log import record
from activity.table_kinds import ListImported
from imports.kinds import ImportKind
from imports.models import KEPT, Import, ImportRow
from staff.tables.reading import Row, Table, TableError, table

State = Import.State
ROWS_AT_ONCE = 500


@transaction.atomic
def upload(
    *,
    kind: type[ImportKind],
    made_by: Any,
    file: IO[bytes] | None = None,
    text: str = "",
    source: str = "",
    tenant_id: uuid.UUID | None = None,
    about_id: uuid.UUID | None = None,
    options: dict[str, Any] | None = None,
) -> Import:
    """Keeps the rows of a CSV file, or of a pasted list, to be checked. Changes nothing else. Raises TableError."""
    with _opened(kind, made_by, file, text) as found:
        job = Import.objects.create(
            kind=kind.name,
            tenant_id=tenant_id,
            about_id=about_id,
            options=options or {},
            source=source[:255],
            encoding=found.encoding,
            ignored=found.ignored,
            language=get_language() or "",
            made_by=made_by,
        )
        while rows := list(islice(found.rows, ROWS_AT_ONCE)):
            ImportRow.objects.bulk_create(_stored(job, row) for row in rows)
            job.total += len(rows)
    if not job.total:
        raise TableError(gettext("There are no rows below the first one."))
    job.save(update_fields=["total"])
    return job


def _opened(kind: type[ImportKind], made_by: Any, file: IO[bytes] | None, text: str) -> AbstractContextManager[Table]:
    if file is not None:
        return table(file, kind.fields_for(made_by))
    return nullcontext(Table("", [], kind.pasted(text)))


def _stored(job: Import, row: Row) -> ImportRow:
    stored = ImportRow(job=job, number=row.number, cells=row.cells)
    if row.problem:
        stored.state, stored.problems = ImportRow.State.ERROR, [("", row.problem)]
    return stored


@transaction.atomic
def confirm(*, job: Import, actor: Actor) -> bool:
    """Lets a worker carry out what was shown; False where that was confirmed before, or has expired."""
    now = timezone.now()
    waiting = Import.objects.filter(pk=job.pk, state=State.READY, expires_at__gt=now)
    is_first = waiting.update(
        state=State.RUNNING, position=0, confirmed_by=actor.user, confirmed_at=now, expires_at=now + KEPT
    )
    if is_first:
        count = job.rows.filter(state=ImportRow.State.NEW).count()
        record(
            ListImported(list=job.kind, count=count, source=job.source),
            actor=actor,
            subject=job,
            place=Place(tenant_id=job.tenant_id),
        )
    return bool(is_first)


def go_on(*, job: Import) -> bool:
    """After an error: with the row at which it stopped."""
    return bool(Import.objects.filter(pk=job.pk, state__in=Import.WORKING).exclude(error="").update(error=""))


def discard(*, job: Import) -> bool:
    """Before it was confirmed."""
    found = Import.objects.filter(pk=job.pk, state__in=(State.CHECKING, State.READY))
    return bool(found.delete()[0])


def prunable() -> QuerySet[Import]:
    """Lists that nobody has confirmed in time, and those whose results were kept for long enough."""
    at_work = Q(state=State.RUNNING, error="")
    return Import.objects.filter(expires_at__lt=timezone.now()).exclude(at_work)


def prune(*, limit: int) -> int:
    oldest = list(prunable().order_by("expires_at").values_list("pk", flat=True)[:limit])
    for pk in oldest:  # one by one, with up to ten thousand rows each
        Import.objects.filter(pk=pk).delete()
    return len(oldest)
