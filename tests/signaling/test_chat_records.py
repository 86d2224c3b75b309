"""The job prune-chats: what was said goes some days after the meeting."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from operations.jobs.prune_chats import PruneChats
from signaling.models import Entry, RoomSession
from tests.circle import Circle

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> dict[str, Entry]:
    """Of meetings that ended so many days ago, and one that runs."""
    room, now = Circle().event.room, timezone.now()
    ends = {"old": now - timedelta(days=31), "new": now - timedelta(days=29), "running": None}
    entries = {}
    for name, ended_at in ends.items():
        session = RoomSession.objects.create(room=room, opened_at=now, ended_at=ended_at)
        entries[name] = session.entries.create(namespace="chat", at=now, data={"content": name})
        session.entries.create(namespace="legal_vote", at=now, data={})
    return entries


@pytest.mark.parametrize(("days", "left"), [(30, {"new", "running"}), (0, {"running"})])
def test_chats_go_and_other_entries_stay(said: dict[str, Entry], settings: Any, days: int, left: set[str]) -> None:
    settings.CHAT_DAYS = days
    gone = len(said) - len(left)
    assert PruneChats().run(is_dry_run=True).touched == gone
    assert Entry.objects.count() == 6
    assert PruneChats().run(is_dry_run=False).touched == gone
    kept = Entry.objects.filter(namespace="chat").values_list("data__content", flat=True)
    assert set(kept) == left
    assert Entry.objects.exclude(namespace="chat").count() == 3


def test_one_run_removes_the_oldest_first(said: dict[str, Entry], settings: Any) -> None:
    settings.CHAT_DAYS = 0
    assert PruneChats(limit=1).run(is_dry_run=False).touched == 1
    assert not Entry.objects.filter(pk=said["old"].pk).exists()
