"""What is done to a room elsewhere on the site: its live meeting is told to look, once it is done."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from events.services.events import delete_event, update_event
from events.services.invitations import uninvite_user
from invites.services import create_code, revoke_code
from rooms.models import Room
from signaling.bus import Publication, bus
from signaling.models import Participant, RoomSession
from tests import factories
from tests.circle import Circle
from users.services import update_account

pytestmark = pytest.mark.django_db
Told = list[uuid.UUID]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Rooms that were told to look."""
    rooms: Told = []

    def publish(publication: Publication) -> None:
        assert publication == Publication(publication.room)
        rooms.append(publication.room)

    monkeypatch.setattr(bus, "publish", publish)
    return rooms


def revoke(circle: Circle) -> None:
    code = create_code(room=circle.event.room, user=circle.alice, actor=Actor.by_api(circle.alice))
    revoke_code(code=code, user=circle.alice, actor=Actor.by_api(circle.alice))


CHANGES: dict[str, Callable[[Circle, dict[str, Any]], Any]] = {
    "cancelled": lambda circle, by: delete_event(event=circle.event, **by),
    "changed": lambda circle, by: update_event(event=circle.event, columns={"title": "Other"}, **by),
    "uninvited": lambda circle, by: uninvite_user(event=circle.event, user_id=circle.bob.pk, **by),
    "revoked": lambda circle, _by: revoke(circle),
}


@pytest.mark.parametrize("what", CHANGES)
def test_room_looks_when_something_is_done_to_it(
    what: str, told: Told, django_capture_on_commit_callbacks: Any
) -> None:
    circle = Circle()
    by = {"actor": Actor.by_api(circle.alice), "suppress_mail": True}
    with django_capture_on_commit_callbacks(execute=True):
        CHANGES[what](circle, by)
        assert told == []
    assert set(told) == {circle.event.room_id}


def live(room: Room, **people: Any) -> RoomSession:
    session = RoomSession.objects.create(room=room, opened_at=timezone.now())
    for where, user in people.items():
        Participant.objects.create(
            session=session, participant_id=uuid.uuid4(), kind="user", role="user", where=where, display_name="Bob",
            user_id=user.pk, connection=uuid.uuid4(), process=uuid.uuid4(), step=1,
        )  # fmt: skip
    return session


def test_disabled_person_is_looked_for_where_they_are(told: Told, django_capture_on_commit_callbacks: Any) -> None:
    alice, bob = factories.users("alice", "bob")
    in_it, own, left, other = (factories.event(owner).room for owner in (alice, bob, alice, alice))
    live(in_it, joined=bob)
    live(own)
    live(left, left=bob)
    live(other, joined=alice)
    with django_capture_on_commit_callbacks(execute=True):
        update_account(user=bob, actor=Actor.by_admin(alice), display_name="Robert")
    assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        update_account(user=bob, actor=Actor.by_admin(alice), disabled_since=timezone.now())
    assert set(told) == {in_it.pk, own.pk}


def test_what_is_undone_is_not_told(told: Told, django_capture_on_commit_callbacks: Any) -> None:
    circle = Circle()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        delete_event(event=circle.event, actor=Actor.by_api(circle.alice), suppress_mail=True)
        transaction.set_rollback(True)
    assert told == []
