"""Who I am, and the invitations between people with accounts."""

from activity.actors import Actor
from invites.models import EventInvite
from tests import factories
from tests.circle import Circle
from tests.integrations.cospace.client import STREAMS, Cospace
from users.services import update_account, update_profile

pytestmark = STREAMS


def test_profile_and_its_changes() -> None:
    alice, _bob = factories.users("alice", "bob")
    client, other = Cospace().signed_in("alice"), Cospace().signed_in("bob")
    told = client.get("/api/user")["user"]
    assert told == {
        "user": str(alice.pk),
        "username": "alice",
        "email": "alice@example.com",
        "title": "",
        "first_name": "Alice",
        "last_name": "Example",
        "display_name": "Alice Example",
        "language": "en-US",
        "time_zone": "",
        "phone": "",
        "tag_all": told["tag_all"],
    }
    update_profile(user=alice, actor=Actor.by_api(alice), title="Dr.")
    assert client.told("user_modify") == [{}]
    assert client.get("/api/user")["user"]["title"] == "Dr."
    update_account(user=alice, actor=Actor.by_job("directory"), phone="+4930123456")
    assert client.names() == ["user_modify", "phone_modify"]
    assert other.names() == []


def test_invitations_sent_and_received() -> None:
    circle = Circle()
    circle.invite("eve@example.org")
    owner, reader = Cospace().signed_in("alice"), Cospace().signed_in("bob")
    invite = EventInvite.objects.get()
    told = {
        "owner": str(circle.alice.pk),
        "user": str(circle.bob.pk),
        "conference": str(circle.event.room_id),
        "description": "Team meeting",
        "status": "pending",
        "time": int(invite.created_at.timestamp()),
    }
    for client in (owner, reader):
        assert client.get("/api/user/invitation")["invitation"] == {str(invite.pk): told}
    api = circle.api("invitee")
    between = [{"owner": str(circle.alice.pk), "user": str(circle.bob.pk)}]
    api.delete(f"{circle.path}/invite")
    assert owner.told("invitation_delete") == reader.told("invitation_delete") == between
    assert reader.get("/api/user/invitation")["invitation"] == {}
    api.delete(f"{circle.path}/invite")
    assert reader.names() == []
    api.patch(f"{circle.path}/invite", {"status": "tentative"})
    assert owner.told("invitation_new") == reader.told("invitation_new") == between
    api.patch(f"{circle.path}/invite")
    assert reader.names() == owner.names() == []
    assert reader.get("/api/user/invitation")["invitation"] == {str(invite.pk): told | {"status": "accepted"}}
