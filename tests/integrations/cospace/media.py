"""Three people with sessions of their own: who owns, who reads by a tag, and a stranger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.objects.models import Object
from tests import factories
from tests.integrations.cospace.client import Cospace
from tests.integrations.objects.conftest import Uploads
from tests.integrations.objects.media import share
from tests.rooms.conftest import keep_files_at


class People:
    def __init__(self) -> None:
        self.alice, self.bob, self.carol = factories.users("alice", "bob", "carol")
        self.owner, self.reader, self.stranger = (Cospace().signed_in(name) for name in ("alice", "bob", "carol"))

    def shared(self, of_type: str, *, level: int = 1, **body: Any) -> str:
        """The id of something of the owner's that the reader can read; what was told so far is read."""
        made = self.owner.post(f"/api/{of_type}", body)[of_type]
        share(Object.objects.get(pk=made), self.bob, level=level)
        self.read()
        return str(made)

    def read(self) -> None:
        for client in (self.owner, self.reader, self.stranger):
            client.events()

    def told(self, name: str) -> list[dict[str, Any]]:
        """What owner and reader were both told, and the stranger was not."""
        found = self.owner.told(name)
        assert self.reader.told(name) == found
        assert self.stranger.names() == []
        return found


@pytest.fixture
def people(db: None) -> People:
    return People()


@pytest.fixture
def disk(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Uploads]:
    keep_files_at((tmp_path / "files").as_uri(), settings, monkeypatch)
    return Uploads()
