"""Documents and sounds that are uploaded: kept, counted against the tariff, converted, removed."""

import io
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from subprocess import CalledProcessError, CompletedProcess
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from activity.actors import Actor
from integrations.objects.conversion import run
from integrations.objects.conversion.findings import Finding
from integrations.objects.models import Content, Object
from integrations.objects.services import uploads
from integrations.objects.services.uploads import retry_conversion
from operations.jobs.convert_uploads import ConvertUploads
from rest.errors import NotFound, PayloadOverflow, ServiceUnavailable
from rooms import storage
from rooms.assets.services import StorageQuotaExceeded
from rooms.storage import DiskStorage
from tests import factories
from tests.integrations.objects import samples
from tests.integrations.objects.conftest import Uploads
from tests.integrations.objects.media import PDF, an_object, converted, share, told, upload
from tests.rooms.assets import HangsUp, set_quota
from users.access import used_storage
from users.models import User

People = tuple[User, User, User]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
State = Content.State


def test_upload_is_kept_and_waits_for_its_conversion(
    disk: Uploads, people: People, django_capture_on_commit_callbacks: Any, conversion_wakes: list[None]
) -> None:
    alice, bob, _carol = people
    fax = an_object(alice, "fax", "Offer")
    share(fax, bob)
    with django_capture_on_commit_callbacks(execute=True):
        content = upload(fax, b"12345", filename="offer.pdf")
    assert disk.contents() == [b"12345"]
    assert (content.state, content.size, content.md5) == ("pending", 5, "827ccb0eea8a706c4c34a16891f84e7b")
    assert conversion_wakes == [None]
    data = {"label": "Offer", "owner_id": str(alice.pk), "object_type": "fax", "filename": "offer.pdf", "size": 5}
    assert told("content.uploaded") == [(data | {"md5": content.md5}, {"alice", "bob"})]


@pytest.mark.parametrize(
    ("type_", "kind", "members"),
    [
        ("fax", "fax.converted", {"page_count": 5}),
        ("presentation", "presentation.converted", {"page_count": 5}),
        ("announcement", "announcement.converted", {}),
    ],
)
def test_conversion_is_told_to_who_reads_the_object(
    disk: Uploads, people: People, type_: str, kind: str, members: dict[str, Any]
) -> None:
    alice, bob, _carol = people
    one = an_object(alice, type_)
    share(one, bob)
    found = PDF if members else Finding(mime_type="audio/ogg")
    content = converted(one, found)
    assert (content.state, content.page_count, content.mime_type) == ("done", found.page_count, found.mime_type)
    data = {"label": "Thing", "owner_id": str(alice.pk), "problem": "", "mime_type": found.mime_type}
    assert told(kind) == [(data | members, {"alice", "bob"})]


def test_failed_conversion_has_a_problem_and_no_pages(disk: Uploads, people: People) -> None:
    fax = an_object(people[0], "fax")
    content = converted(fax, Finding(problem="encrypted"))
    assert (content.state, content.problem, content.page_count) == ("failed", "encrypted", None)
    assert told("fax.converted")[0][0] | {"label": "", "owner_id": ""} == {
        "label": "", "owner_id": "", "problem": "encrypted", "mime_type": "", "page_count": None
    }  # fmt: skip


@pytest.mark.slow
def test_job_converts_in_a_process_of_its_own(disk: Uploads, people: People) -> None:
    contents = {
        "fax": (samples.tiff(2), "done", 2),
        "presentation": (samples.pdf(3), "done", 3),
        "announcement": (samples.wav(), "done", None),
    }
    for type_, (content, _state, _pages) in contents.items():
        upload(an_object(people[0], type_), content)
    upload(an_object(people[0], "fax", "broken"), samples.LOOPING_PDF)
    assert ConvertUploads().run(is_dry_run=True).touched == 4
    assert ConvertUploads().run(is_dry_run=False).touched == 4
    found = Content.objects.values_list("object__type", "state", "page_count", "problem")
    expected = {(type_, state, pages, "") for type_, (_content, state, pages) in contents.items()}
    assert set(found) == expected | {("fax", "failed", None, "damaged")}
    assert ConvertUploads().run(is_dry_run=False).touched == 0


@pytest.mark.slow
def test_conversion_works_with_files_in_s3(s3: Uploads, people: People) -> None:
    fax = an_object(people[0], "fax")
    upload(fax, samples.pdf(3))
    assert run.convert_due() == 1
    assert Content.objects.get().page_count == 3
    assert s3.contents() == [samples.pdf(3)]


@pytest.mark.slow
def test_file_that_takes_for_ever_or_all_memory_ends_its_process_alone(
    disk: Uploads, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    fax = an_object(people[0], "fax")
    upload(fax, samples.pdf(1))
    monkeypatch.setattr(run, "MOST_SECONDS", 0.01)
    run.convert_due()
    assert Content.objects.get().problem == "effort"


def test_another_upload_takes_the_place_of_the_first(
    disk: Uploads, people: People, django_capture_on_commit_callbacks: Any
) -> None:
    fax = an_object(people[0], "fax")
    converted(fax)
    with django_capture_on_commit_callbacks(execute=True):
        content = upload(fax, b"another")
    assert disk.contents() == [b"another"]
    assert (content.state, content.page_count, content.attempts) == ("pending", None, 0)
    assert Content.objects.get().mime_type == ""


def test_conversion_of_a_former_upload_is_forgotten(disk: Uploads, people: People) -> None:
    fax = an_object(people[0], "fax")
    upload(fax, b"first")
    claimed = run.claim()
    upload(fax, b"second")
    assert claimed is not None
    run.finish(claimed, PDF)
    assert Content.objects.get().state == "pending"
    assert told("fax.converted") == []


def test_conversion_of_a_deleted_object_is_forgotten(disk: Uploads, people: People) -> None:
    fax = an_object(people[0], "fax")
    upload(fax, b"first")
    claimed = run.claim()
    fax.delete()
    assert claimed is not None
    run.finish(claimed, PDF)
    assert told("fax.converted") == []


def test_killed_worker_leaves_a_claim_that_runs_out(disk: Uploads, people: People) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        upload(an_object(people[0], "fax"), b"12345")
        dead = run.claim()
        assert run.claim() is None
        clock.shift(run.LEASE)
        again = run.claim()
        assert dead is not None
        assert again is not None
        run.finish(dead, Finding(problem="damaged"))
        assert told("fax.converted") == []
        run.finish(again, PDF)
        assert len(told("fax.converted")) == 1


def test_worker_that_dies_over_a_file_leaves_it_to_the_next(
    disk: Uploads, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        upload(an_object(people[0], "fax"), b"12345")
        monkeypatch.setattr(run, "look_at", lambda *_args: sys.exit(1))
        with pytest.raises(SystemExit):
            run.convert_due()
        assert Content.objects.get().state == "working"
        clock.shift(run.LEASE)
        monkeypatch.setattr(run, "look_at", lambda *_args: PDF)
        assert run.convert_due() == 1
    assert (Content.objects.get().state, len(told("fax.converted"))) == ("done", 1)


def test_process_that_is_ended_from_outside_says_nothing_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: dict[int, Any] = {}
    for number in (signal.SIGXCPU, signal.SIGKILL, signal.SIGTERM):
        monkeypatch.setattr(run.subprocess, "run", lambda *_args, number=number, **_more: CompletedProcess("", -number))
        with suppress(CalledProcessError):
            ended[number] = run.look_at(io.BytesIO(), "pdf").problem
    assert ended == {signal.SIGXCPU: "effort", signal.SIGKILL: "effort"}


def test_file_that_kills_its_workers_fails(disk: Uploads, people: People) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        upload(an_object(people[0], "fax"), b"12345")
        for _time in range(run.MOST_ATTEMPTS):
            assert run.claim() is not None
            clock.shift(run.LEASE)
        assert run.convert_due() == 1
    content = Content.objects.get()
    assert (content.state, content.problem) == ("failed", "effort")


def test_storage_that_does_not_answer_is_asked_again(
    disk: Uploads, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(an_object(people[0], "fax"), b"12345")
    monkeypatch.setattr(DiskStorage, "open_range", hangs_up)
    assert run.convert_due() == 1
    content = Content.objects.get()
    assert (content.state, content.attempts) == ("pending", 0)
    assert content.due_at > timezone.now() + timedelta(seconds=50)


def hangs_up(*_args: Any) -> Any:
    raise OSError("connection reset")


def test_file_that_is_no_longer_stored_fails(disk: Uploads, people: People) -> None:
    content = upload(an_object(people[0], "fax"), b"12345")
    storage.remove(content.file)
    run.convert_due()
    assert Content.objects.get().problem == "missing"


def test_failed_conversion_is_tried_again_by_staff(disk: Uploads, people: People) -> None:
    staff = factories.staff()
    content = converted(an_object(people[0], "fax"), Finding(problem="effort"))
    assert retry_conversion(content=content, actor=Actor.by_admin(staff)) is True
    assert retry_conversion(content=content, actor=Actor.by_admin(staff)) is False
    content.refresh_from_db()
    assert (content.state, content.problem, content.attempts) == ("pending", "", 0)
    assert told("conversion.retried") == [({"label": "Thing", "owner_id": str(people[0].pk)}, set())]


def test_uploads_count_against_the_tariff(disk: Uploads, people: People) -> None:
    alice = people[0]
    set_quota(alice, max_storage=10)
    first, second = an_object(alice, "fax"), an_object(alice, "presentation")
    upload(first, b"123456")
    assert used_storage(alice) == 6
    with pytest.raises(StorageQuotaExceeded):
        upload(second, b"12345")
    upload(second, b"1234")
    assert used_storage(alice) == 10
    assert sorted(disk.contents()) == [b"1234", b"123456"]


def test_upload_has_a_limit_and_leaves_nothing_where_it_fails(
    disk: Uploads, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    fax = an_object(people[0], "fax")
    monkeypatch.setattr(uploads, "MOST_BYTES", 4)
    with pytest.raises(PayloadOverflow):
        upload(fax, b"12345")
    with pytest.raises(ServiceUnavailable):
        upload(fax, b"12", source=HangsUp(b"1"))
    gone = Object.objects.get()
    Object.objects.all().delete()
    with pytest.raises(NotFound):
        upload(gone, b"12")
    assert disk.names() == []


def test_file_goes_with_its_object_and_its_owner(
    disk: Uploads, people: People, django_capture_on_commit_callbacks: Any
) -> None:
    alice, bob, _carol = people
    for owner in (alice, bob):
        upload(an_object(owner, "fax"), owner.username.encode())
    with django_capture_on_commit_callbacks(execute=True):
        Object.objects.filter(owner=alice).delete()
    assert disk.contents() == [b"bob"]
    with django_capture_on_commit_callbacks(execute=True):
        bob.delete()
    assert disk.names() == []
