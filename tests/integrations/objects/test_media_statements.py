"""What uploads, files and presentations do takes the same number of statements, whatever files and people are there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activity.actors import Actor
from integrations.objects.conversion import run
from integrations.objects.models import Object, VolumeFile
from integrations.objects.services import presentations
from integrations.objects.services.files import clear_volume, create_file, delete_file, update_file
from tests import factories
from tests.integrations.objects.conftest import Uploads
from tests.integrations.objects.media import PDF, an_object, converted, share, upload
from users.models import User

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
FEW, MANY = 3, 40  # SQLite deletes and inserts several hundred rows in one statement


def cost(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def volume_with(owner: User, count: int) -> tuple[Object, VolumeFile]:
    """With so many files in a folder, and as many people who read them."""
    volume, by = an_object(owner, "volume"), Actor.by_api(owner)
    folder = create_file(volume=volume, actor=by, name="folder", is_folder=True)[0]
    VolumeFile.objects.bulk_create(
        VolumeFile(volume=volume, parent=folder, name=str(number), file=f"objects/{number}") for number in range(count)
    )
    share(volume, *factories.users(*(f"{volume.pk}{number}" for number in range(count))))
    return volume, folder


def costs_of_files(owner: User, count: int) -> dict[str, int]:
    by = Actor.by_api(owner)
    volume, folder = volume_with(owner, count)
    found = {
        "create": cost(lambda: create_file(volume=volume, actor=by, name="new", parent=folder.pk)),
        "rename": cost(lambda: update_file(file=folder, actor=by, name="other")),
        "delete": cost(lambda: delete_file(file=folder, actor=by)),
    }
    volume, _folder = volume_with(owner, count)
    return found | {"clear": cost(lambda: clear_volume(volume=volume, actor=by))}


def test_files_cost_the_same(disk: Uploads) -> None:
    alice = factories.user("alice")
    assert costs_of_files(alice, FEW) == costs_of_files(alice, MANY)


def costs_of_presentation(owner: User, count: int) -> dict[str, int]:
    one, by = an_object(owner, "presentation"), Actor.by_api(owner)
    people = factories.users(*(f"{one.pk}{number}" for number in range(count)))
    share(one, *people)
    found = {"upload": cost(lambda: upload(one, b"1")), "convert": cost(lambda: run.finish(run.claim(), PDF))}  # type: ignore[arg-type]
    found["start"] = cost(lambda: presentations.start_presentation(presentation=one, user=owner, actor=by))
    for person in people:
        presentations.join_presentation(presentation=one, user=person)
    late = factories.user()
    found["join"] = cost(lambda: presentations.join_presentation(presentation=one, user=late))
    found["page"] = cost(lambda: presentations.update_presentation(presentation=one, user=owner, page=2))
    found["status"] = cost(lambda: presentations.status_of(one.pk))
    found["ask"] = cost(presentations.ask_members)
    found["stop"] = cost(lambda: presentations.stop_presentation(presentation=one, user=owner, actor=by))
    return found


def test_presentations_cost_the_same(disk: Uploads) -> None:
    alice = factories.user("alice")
    converted(an_object(alice, "fax"))  # what a process looks up once
    assert costs_of_presentation(alice, FEW) == costs_of_presentation(alice, MANY)
