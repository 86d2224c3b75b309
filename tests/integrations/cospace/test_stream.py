"""The numbered events of a session: what it is told, in which order, to whom, and what stays readable."""

from typing import Any

from activity.actors import Actor
from events.services.events import delete_event, update_event
from events.services.invitations import uninvite_user
from tests import factories
from tests.circle import Circle
from tests.integrations.cospace.client import STREAMS, Cospace

pytestmark = STREAMS


def clients(*names: str) -> list[Cospace]:
    return [Cospace().signed_in(name) for name in names]


def test_conference_from_its_making_to_its_end() -> None:
    """Each hears what concerns it, with the rights of that moment; the stranger nothing."""
    alice, bob, _stranger = factories.users("alice", "bob", "stranger")
    owner, reader, stranger = clients("alice", "bob", "stranger")
    by = Actor.by_api(alice)
    circle: Any = Circle.__new__(Circle)
    circle.alice, circle.event = alice, factories.event(alice)
    room = str(circle.event.room_id)
    about = {"object": room, "type": "conference", "owner": str(alice.pk), "description": "Team meeting"}
    assert owner.told("object_new") == [about | {"tag": []}]
    circle.invite(bob)
    invitation = {"owner": str(alice.pk), "user": str(bob.pk)}
    found = reader.events()
    assert [event["event"] for event in found] == ["object_share", "invitation_new"]
    assert found[0].items() >= (about | {"user": str(alice.pk), "tag": []}).items()
    assert owner.told("invitation_new") == [invitation]
    update_event(event=circle.event, actor=by, columns={"title": "Review"})
    changed = about | {"user": str(alice.pk), "description": "Review"}
    assert owner.told("object_modify") == reader.told("object_modify") == [changed]
    uninvite_user(event=circle.event, user_id=bob.pk, actor=by)
    found = reader.events()
    assert [event["event"] for event in found] == ["invitation_delete", "object_unshare"]
    assert found[1].items() >= changed.items()
    delete_event(event=circle.event, actor=by)
    assert owner.names() == ["invitation_delete", "object_delete"]
    assert reader.names() == stranger.names() == []
