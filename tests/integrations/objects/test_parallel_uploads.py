"""Workers, uploads and changes of files that meet each other, each with a connection of its own."""

import threading
from typing import Any

import pytest

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.conversion import run
from integrations.objects.models import Content, LivePresentation, Object, PresentationMember, VolumeFile
from integrations.objects.services.files import create_file, update_file
from integrations.objects.services.objects import delete_object, purge_object
from integrations.objects.services.presentations import join_presentation, start_presentation
from rest.errors import ApiError
from rooms.assets.services import StorageQuotaExceeded
from tests import factories
from tests.integrations.objects.conftest import Uploads
from tests.integrations.objects.media import PDF, an_object, converted, upload
from tests.parallel import at_once
from tests.rooms.assets import set_quota
from tests.rooms.test_parallel_uploads import Together
from users.access import used_storage

pytestmark = [pytest.mark.service, pytest.mark.usefixtures("postgresql")]
AT_ONCE = 6


def outcome(call: Any) -> str:
    try:
        call()
    except ApiError as error:
        return type(error).__name__
    return ""


def test_each_upload_is_converted_by_one_worker(disk: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = factories.user("alice")
    for _number in range(12):
        upload(an_object(alice, "fax"), b"12345")
    monkeypatch.setattr(run, "look_at", lambda _file, _check: PDF)
    counts = at_once([run.convert_due] * AT_ONCE)
    assert sum(counts) == 12
    assert Activity.objects.filter(kind="fax.converted").count() == 12
    assert set(Content.objects.values_list("state", "attempts")) == {("done", 1)}


def test_uploads_together_do_not_pass_the_quota(disk: Uploads) -> None:
    alice = factories.user("alice")
    set_quota(alice, max_storage=35)
    faxes = [an_object(alice, "fax") for _number in range(AT_ONCE)]
    barrier = threading.Barrier(AT_ONCE)

    def one(fax: Object) -> str:
        return outcome(lambda: upload(fax, b"0123456789", source=Together(b"0123456789", barrier)))

    ends = at_once([lambda fax=fax: one(fax) for fax in faxes])
    assert sorted(ends) == [""] * 3 + [StorageQuotaExceeded.__name__] * 3
    assert (used_storage(alice), len(disk.names())) == (30, 3)


def test_object_deleted_during_an_upload_leaves_no_file(disk: Uploads) -> None:
    alice = factories.user("alice")
    fax = an_object(alice, "fax")
    barrier = threading.Barrier(2)

    def delete() -> str:
        barrier.wait(30)
        trashed = delete_object(one=fax, actor=Actor.by_api(alice))
        purge_object(one=trashed, actor=Actor.by_api(alice))
        return ""

    at_once([lambda: outcome(lambda: upload(fax, b"1", source=Together(b"1", barrier))), delete])
    assert (Content.objects.count(), disk.names()) == (0, [])


def test_two_files_never_have_one_name(disk: Uploads) -> None:
    alice = factories.user("alice")
    volume, by = an_object(alice, "volume"), Actor.by_api(alice)
    ends = at_once([lambda: outcome(lambda: create_file(volume=volume, actor=by, name="a.txt"))] * AT_ONCE)
    assert sorted(ends) == [""] + ["Conflict"] * (AT_ONCE - 1)
    assert VolumeFile.objects.count() == 1


def test_folders_never_end_up_in_each_other(disk: Uploads) -> None:
    alice = factories.user("alice")
    volume, by = an_object(alice, "volume"), Actor.by_api(alice)
    first, second = (create_file(volume=volume, actor=by, name=name, is_folder=True)[0] for name in "ab")
    moves = [(first, second.pk), (second, first.pk)]

    def move(folder: VolumeFile, parent: Any) -> str:
        try:
            update_file(file=folder, actor=by, parent=parent)
        except Exception as error:  # noqa: BLE001 - which one was slower is chance
            return type(error).__name__
        return ""

    ends = at_once([lambda pair=pair: move(*pair) for pair in moves])
    assert sorted(ends) == ["", "ValidationFailed"]


def test_presentation_starts_once_and_each_joins_once(disk: Uploads) -> None:
    alice, bob = factories.users("alice", "bob")
    talk, by = an_object(alice, "presentation"), Actor.by_api(alice)
    converted(talk)
    start = {"presentation": talk, "user": alice, "actor": by}
    ends = at_once([lambda: outcome(lambda: start_presentation(**start))] * AT_ONCE)
    assert sorted(ends) == [""] + ["Conflict"] * (AT_ONCE - 1)
    at_once([lambda: join_presentation(presentation=talk, user=bob)] * AT_ONCE)
    assert (LivePresentation.objects.count(), PresentationMember.objects.count()) == (1, 2)
