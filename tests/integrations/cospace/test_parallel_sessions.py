"""Sessions that end while somebody numbers their events, or writes what passes, on PostgreSQL."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from integrations.cospace import kept, sessions, stream
from integrations.cospace.models import PassingEvent, Session, StreamEvent
from integrations.objects.signals import passing
from operations.jobs.prune_cospace_events import PruneCospaceEvents
from tests import factories
from tests.parallel import at_once, before_commit
from users.models import User

pytestmark = [pytest.mark.usefixtures("postgresql"), pytest.mark.slow]


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def begun(user: User) -> Session:
    session, _sid = sessions.begin()
    sessions.sign_in(session=session, user=user)
    session.refresh_from_db()
    return session


def passes(user: User) -> None:
    passing.send(None, name="chat_user", object_id=None, data={}, user_ids=[user.pk], key="")


def end(session: Session) -> None:
    sessions.end(session=session)


def evict(session: Session) -> None:
    assert session.user is not None
    begun(session.user)


def prune(session: Session) -> None:
    assert kept.prune_sessions(limit=5) == 1


@pytest.mark.parametrize("ends", [end, evict, prune])
def test_session_ends_while_its_events_are_numbered(
    alice: User, ends: Callable[[Session], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MOST_OF_USER", 1)
    session = begun(alice)
    passes(alice)
    if ends is prune:
        Session.objects.update(last_call_at=timezone.now() - timedelta(seconds=600))

    def number() -> None:
        stream.advance(session)
        assert StreamEvent.objects.count() == 1

    before_commit(number, lambda: ends(session))
    assert not Session.objects.filter(pk=session.pk).exists()
    assert not StreamEvent.objects.exists()


def test_who_signs_in_meanwhile_is_not_evicted(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session was nobody's when it was chosen, and is somebody's when its turn comes."""
    monkeypatch.setattr(sessions, "MOST_OF_NOBODY", 1)
    session, _sid = sessions.begin()
    Session.objects.update(created_at=timezone.now() - sessions.TIME_TO_SIGN_IN)
    before_commit(lambda: sessions.sign_in(session=session, user=alice), sessions.begin)
    assert Session.objects.filter(user=alice).get() == session


def test_what_passes_is_written_though_a_session_ends(alice: User) -> None:
    """The write is somebody else's; the prune job removes what stays of it."""
    session = begun(alice)
    before_end, ended = threading.Barrier(2), threading.Barrier(2)

    def write() -> None:
        with transaction.atomic():
            passes(alice)
            factories.user("written")
            before_end.wait(20)
            ended.wait(20)

    def end_meanwhile() -> None:
        before_end.wait(20)
        end(session)
        ended.wait(20)

    at_once([write, end_meanwhile])
    assert User.objects.filter(username="written").exists()
    assert not Session.objects.exists()
    assert PassingEvent.objects.count() == 1
    assert PruneCospaceEvents().run(is_dry_run=False).touched == 1
    assert not PassingEvent.objects.exists()
