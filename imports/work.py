"""Checks lists and carries them out, batch by batch, in a request or a worker: whoever comes first.

A batch is one transaction, and begins with a conditional UPDATE that moves the list's position over its rows. So no row
is carried out twice, whoever else is at work, and what a killed worker has begun was never there.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from activity.actors import Actor
from imports.kinds import Finding, Findings, ImportKind, Line, kind_of
from imports.models import Import, ImportRow

logger = logging.getLogger(__name__)
Of = Import.State
State = ImportRow.State
WRITTEN = ("key", "state", "problems", "object_id")
# What a row must be for the state of its list to have something to do with it.
TAKEN = {Of.CHECKING: State.PENDING, Of.RUNNING: State.NEW}
FOLDED = (State.NEW, State.EXISTS)  # what a row with the same key is a second one of


def waiting() -> list[uuid.UUID]:
    """Lists that somebody has to work on, the oldest first."""
    found = Import.objects.filter(state__in=Import.WORKING, error="").order_by("made_at")
    return list(found.values_list("pk", flat=True))


def work(pk: uuid.UUID, *, batches: int | None = None) -> bool:
    """Works on a list until nothing is left to do, or for so many batches; whether more is left."""
    count = 0
    while True:
        job = Import.objects.select_related("tenant", "made_by", "confirmed_by").filter(pk=pk).first()
        if job is None or not job.is_working or job.error:
            return False
        kind = kind_of(job)
        rows = _batch(job, kind.batch_size)
        if rows and batches is not None and count >= batches:
            return True
        count += 1
        with translation.override(job.language or None):
            _try(job, kind, rows)


def _batch(job: Import, size: int) -> list[ImportRow]:
    rows = job.rows.filter(state=TAKEN[Of(job.state)], number__gt=job.position)
    return list(rows.order_by("number")[:size])


def _try(job: Import, kind: ImportKind, rows: Sequence[ImportRow]) -> None:
    """What goes wrong with a whole batch stops the list there: staff see why, and let it go on."""
    try:
        if not rows:
            _finish(job)
        elif job.state == Of.CHECKING:
            _check(job, kind, rows)
        else:
            _carry_out(job, kind, rows)
    except Exception as error:
        logger.exception("import %s stopped after row %d", job.pk, job.position)
        _as_read(job).update(error=f"{type(error).__name__}: {error}"[:1000])


def _as_read(job: Import) -> Any:
    return Import.objects.filter(pk=job.pk, state=job.state, position=job.position, error="")


def _finish(job: Import) -> None:
    """The next state: a checked list waits for its confirmation."""
    if job.state == Of.CHECKING:
        _as_read(job).update(state=Of.READY)
    else:
        _as_read(job).update(state=Of.DONE, finished_at=timezone.now())


def _check(job: Import, kind: ImportKind, rows: Sequence[ImportRow]) -> None:
    lines = _folded(job, list(_clean(kind, rows)))
    prepared = kind.prepare(lines)
    with transaction.atomic():
        if not _claim(job, rows):
            return
        found = kind.check(lines, prepared) if lines else Findings(())
        _store(job, rows, lines, found)
        _fold_within(lines)
        _save(rows)


def _carry_out(job: Import, kind: ImportKind, rows: Sequence[ImportRow]) -> None:
    lines = [Line(row, kind.clean(row.cells)[0]) for row in rows]
    prepared = kind.prepare(lines)
    with transaction.atomic():
        if _claim(job, rows):
            found = kind.carry_out(lines, prepared, Actor.by_admin(job.confirmed_by))
            _store(job, rows, lines, found)
            _save(rows)


def _claim(job: Import, rows: Sequence[ImportRow]) -> bool:
    """False where somebody else had these rows first; who is slower waits here for the other's commit."""
    return bool(_as_read(job).update(position=rows[-1].number))


def _clean(kind: ImportKind, rows: Sequence[ImportRow]) -> Any:
    for row in rows:
        values, problems = kind.clean(row.cells)
        if problems:
            row.state, row.problems = State.ERROR, problems
        else:
            row.key = kind.key(values)
            yield Line(row, values)


def _folded(job: Import, lines: list[Line]) -> list[Line]:
    """Without those that an earlier batch has already."""
    if not lines:
        return lines
    earlier = job.rows.filter(key__in={line.row.key for line in lines}, state__in=FOLDED)
    first = dict(earlier.filter(number__lte=job.position).values_list("key", "number"))
    for line in lines:
        if line.row.key in first:
            _fold(line.row, first[line.row.key])
    return [line for line in lines if line.row.key not in first]


def _fold_within(lines: Sequence[Line]) -> None:
    first: dict[str, int] = {}
    for line in lines:
        if line.row.key in first:
            _fold(line.row, first[line.row.key])
        elif line.row.state in FOLDED:
            first[line.row.key] = line.row.number


def _fold(row: ImportRow, number: int) -> None:
    row.state = State.DUPLICATE
    row.problems = [("", gettext("The same as row %(number)d.") % {"number": number})]


def _store(job: Import, rows: Sequence[ImportRow], lines: Sequence[Line], found: Findings) -> None:
    for line, finding in zip(lines, found.rows, strict=True):
        _apply(line.row, finding)
    if found.effects:
        Import.objects.filter(pk=job.pk).update(effects=Counter(job.effects) + found.effects)


def _apply(row: ImportRow, finding: Finding) -> None:
    row.state, row.problems = finding.state, list(finding.problems)
    row.object_id = finding.object_id or row.object_id


def _save(rows: Sequence[ImportRow]) -> None:
    ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN)
