"""How lists are worked on: batch by batch, once, by whoever comes first; what an error or a killed worker leaves."""

import io
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.actors import Actor
from imports import services, tasks, work
from imports.models import Import, ImportRow
from operations import job as jobs
from operations.jobs.prune_imports import PruneImports
from operations.jobs.run_imports import RunImports
from tests import factories
from tests.imports.steps import found, page_of, press, upload
from tests.staff.holding import browser_of
from users.imports import UserImport
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return factories.staff()


@pytest.fixture
def boss(staff: User) -> Client:
    return browser_of(staff)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserImport, "batch_size", 3)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the broker is told."""
    calls: list[str] = []
    monkeypatch.setattr(tasks.work_on, "apply_async", lambda args, **how: calls.append(args[0]))
    return calls


def people(count: int) -> str:
    return "\r\n".join(["email", *(f"person{number}@example.com" for number in range(count))])


def uploaded(staff: User, count: int) -> Import:
    return services.upload(
        kind=UserImport, made_by=staff, file=io.BytesIO(people(count).encode()), tenant_id=staff.tenant_id
    )


def ready(staff: User, count: int) -> Import:
    job = uploaded(staff, count)
    work.work(job.pk)
    job.refresh_from_db()
    assert job.state == "ready"
    return job


def confirmed(staff: User, count: int) -> Import:
    job = ready(staff, count)
    assert services.confirm(job=job, actor=Actor.by_admin(staff))
    job.refresh_from_db()
    return job


def made() -> int:
    return User.objects.filter(email__startswith="person").count()


def test_long_list_is_left_to_a_worker(boss: Client, staff: User, woken: list[str]) -> None:
    job = upload(boss, "users", people(7), tenant=staff.tenant_id)
    assert (job.state, job.position, woken) == ("checking", 4, [str(job.pk)])
    page = page_of(boss, job)
    assert "The rows are checked." in page
    assert "imports.js" in page
    progress = boss.get(f"/admin/imports/import/{job.pk}/change/?progress").json()
    assert progress == {"is_working": True, "done": 3, "total": 7}
    tasks.work_on(woken[0])
    job.refresh_from_db()
    assert job.state == "ready"
    press(boss, job, "confirm")
    assert (made(), woken) == (3, [str(job.pk)] * 2)
    tasks.work_on(woken[0])
    assert made() == 7
    assert "imports.js" not in page_of(boss, job)
    assert boss.get(f"/admin/imports/import/{job.pk}/change/?progress").json()["is_working"] is False


def test_sweep_finds_what_nobody_woke_a_worker_for(staff: User) -> None:
    job = confirmed(staff, 7)
    work.work(job.pk, batches=1)
    assert made() == 3
    run = jobs.run(RunImports())
    assert run is not None
    assert (run.state, run.touched, made()) == ("succeeded", 1, 7)
    assert work.waiting() == []


def test_killed_worker_leaves_whole_batches(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies after the accounts are made and before the rows say so."""
    job = confirmed(staff, 7)
    work.work(job.pk, batches=1)
    with monkeypatch.context() as broken:
        broken.setattr(work, "_save", lambda rows: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work.work(job.pk)
    assert made() == 3
    work.work(job.pk)
    assert made() == 7
    assert {state for _number, state, _problems in found(job)} == {"done"}


def test_rows_that_another_worker_has_are_not_carried_out_again(staff: User) -> None:
    """Both have read the same batch; who is slower finds the position moved."""
    job = confirmed(staff, 7)
    kind = work.kind_of(job)
    rows = work._batch(job, 3)
    work._try(job, kind, rows)
    work._try(job, kind, rows)
    job.refresh_from_db()
    assert (made(), job.position, job.error) == (3, 4, "")


def test_error_stops_the_list_until_staff_let_it_go_on(
    boss: Client, staff: User, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = confirmed(staff, 7)
    work.work(job.pk, batches=1)
    with monkeypatch.context() as broken:
        broken.setattr("users.services.record_all", lambda *_args, **_how: 1 / 0)
        work.work(job.pk)
    job.refresh_from_db()
    assert (job.error, job.state, made()) == ("ZeroDivisionError: division by zero", "running", 3)
    assert work.waiting() == []
    assert "division by zero" in page_of(boss, job)
    assert "stopped by an error" in boss.get("/admin/imports/import/").content.decode()
    press(boss, job, "go_on")
    tasks.work_on(woken[-1])
    assert made() == 7


def test_texts_are_in_the_language_of_who_uploaded(boss: Client, staff: User) -> None:
    boss.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    job = upload(boss, "users", "email", "bob", tenant=staff.tenant_id)
    assert found(job)[0][2][0][1].startswith("Geben Sie")
    assert "Zeile" in page_of(boss, job)


def test_same_row_in_another_batch_is_folded_unless_the_first_is_wrong(staff: User) -> None:
    text = "email,tariff\r\na@example.com,Gold\r\nb@example.com\r\nc@example.com\r\nA@EXAMPLE.COM\r\nb@example.com"
    job = services.upload(kind=UserImport, made_by=staff, file=io.BytesIO(text.encode()), tenant_id=staff.tenant_id)
    work.work(job.pk)
    assert [(number, state) for number, state, _problems in found(job)] == [
        (2, "error"), (3, "new"), (4, "new"), (5, "new"), (6, "duplicate"),
    ]  # fmt: skip


def test_rows_are_shown_by_pages_and_states(boss: Client, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.admin.SHOWN_ROWS", 2)
    job = ready(staff, 5)
    job.rows.filter(number=6).update(state="error", problems=[["email", "Bad."]])
    first, last = page_of(boss, job), page_of(boss, job, "?page=3")
    assert "person0@" in first
    assert "person2@" not in first
    assert "Page 1 of 3" in first
    assert "person4@" in last
    errors = page_of(boss, job, "?state=error")
    assert "Bad." in errors
    assert "person0@" not in errors
    assert "Error (1)" in errors


def test_lists_that_waited_too_long_are_removed(staff: User) -> None:
    old, new = ready(staff, 1), ready(staff, 1)
    running = confirmed(staff, 1)
    Import.objects.filter(pk__in=[old.pk, running.pk]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not services.confirm(job=old, actor=Actor.by_admin(staff))
    run = jobs.run(PruneImports())
    assert run is not None
    assert run.touched == 1
    assert set(Import.objects.values_list("pk", flat=True)) == {new.pk, running.pk}
    assert not ImportRow.objects.filter(job=old).exists()


def test_results_are_kept_for_a_month(staff: User) -> None:
    job = confirmed(staff, 1)
    assert timedelta(days=29) < job.expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.slow
def test_statements_of_a_batch_do_not_grow(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for SQLite's limit of parameters: as many rows as it takes in one statement."""
    counts = []
    for size in (2, 15):
        monkeypatch.setattr(UserImport, "batch_size", size)
        User.objects.filter(email__startswith="person").delete()
        job = uploaded(staff, size)
        with CaptureQueriesContext(connection) as checking:
            work.work(job.pk)
        services.confirm(job=job, actor=Actor.by_admin(staff))
        with CaptureQueriesContext(connection) as running:
            work.work(job.pk)
        counts.append((len(checking), len(running)))
    assert counts[0] == counts[1]
    assert max(counts[0]) < 20
    assert made() == 15


@pytest.mark.parametrize(
    "count", [pytest.param(1000, marks=pytest.mark.slow), pytest.param(10_000, marks=pytest.mark.deep)]
)
def test_memory_does_not_grow_with_the_list(staff: User, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserImport, "batch_size", 200)
    content = io.BytesIO(people(count).encode())
    tracemalloc.start()
    try:
        job = services.upload(kind=UserImport, made_by=staff, file=content, tenant_id=staff.tenant_id)
        work.work(job.pk)
        services.confirm(job=job, actor=Actor.by_admin(staff))
        work.work(job.pk)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made() == count
    assert peak < 5_000_000


def test_page_takes_as_many_statements_for_a_long_list(boss: Client, staff: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(UserImport, "batch_size", 100)
    counts = []
    for count in (2, 60):
        job = ready(staff, count)
        page_of(boss, job)
        with CaptureQueriesContext(connection) as captured:
            page_of(boss, job)
        counts.append(len(captured))
    assert counts[0] == counts[1] < 12
