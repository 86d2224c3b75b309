"""Uploads, conversions and files of volumes in the words of Webex."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from activity.actors import Actor
from integrations.objects.conversion.findings import Finding
from integrations.objects.models import Object
from integrations.objects.services.files import create_file, delete_file, update_file, upload_file
from integrations.webex import ids
from tests import factories
from tests.integrations.objects.media import an_object, converted
from tests.integrations.webex.test_formats import pairs, told
from tests.rooms.assets import Bytes
from tests.rooms.conftest import keep_files_at
from users.models import User

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CREATED = {"created": "2026-11-22T09:00:00.000Z"}


@pytest.fixture
def alice(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    keep_files_at((tmp_path / "files").as_uri(), settings, monkeypatch)
    with time_machine.travel(NOW, tick=False):
        yield factories.user("alice")


def of(user: User, one: Any, text: str) -> dict[str, Any]:
    person = {"personId": ids.written("PEOPLE", user.pk), "personEmail": user.email}
    about = {"id": ids.written("CONTENT", one.pk), "orgId": ids.written("ORGANIZATION", user.tenant_id)}
    return about | person | {"text": text}


@pytest.mark.parametrize("type_", ["fax", "announcement", "presentation"])
def test_upload_is_a_file_and_its_conversion_a_transcoding(alice: User, type_: str) -> None:
    one: Object = an_object(alice, type_, "Offer")
    converted(one, Finding(problem="damaged"))
    events = told("content.uploaded", f"{type_}.converted")
    assert pairs(events) == ["files/created", "file_transcodings/created"]
    assert events[0]["data"] == of(alice, one, "Offer") | CREATED
    assert events[1]["data"].items() >= {"id": ids.written("CONTENT", one.pk), "text": "Offer"}.items()


def test_file_of_a_volume_is_one_when_it_has_content(alice: User) -> None:
    volume, by = an_object(alice, "volume"), Actor.by_api(alice)
    folder, _commit = create_file(volume=volume, actor=by, name="papers", is_folder=True)
    file, _commit = create_file(volume=volume, actor=by, name="a.txt")
    update_file(file=file, actor=by, name="b.txt")
    kinds = ("file.created", "file.updated", "file.deleted")
    assert told(*kinds) == []
    content = {"source": Bytes(b"1"), "size": 1, "mime_type": "text/plain", "most_bytes": 10}
    upload_file(file=file, actor=by, **content)
    delete_file(file=file, actor=by)
    delete_file(file=folder, actor=by)
    events = told(*kinds)
    assert pairs(events) == ["files/created", "files/deleted"]
    assert [event["data"] for event in events] == [of(alice, file, "b.txt") | CREATED, of(alice, file, "b.txt")]
