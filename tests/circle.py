"""A meeting of alice's with bob invited, and everybody else who may knock at its door."""

from typing import Any

from activity.actors import Actor
from events.models import Event
from events.services.invitations import invite_email, invite_user
from invites.services import create_code
from tests import factories
from tests.api import Api
from tests.replayed import replayed
from users.models import User

# A guest code opens rooms, not the API around them; the frontend does not refresh its token on this 401.
GUEST = 401


def _meeting(**fields: Any) -> tuple[User, User, Event]:
    alice, bob = factories.users("alice", "bob")
    event = factories.event(alice, **fields)
    invite_user(event=event, invitee=bob, actor=Actor.by_api(alice), suppress_mail=True)
    return alice, bob, event


class Circle:
    def __init__(self, **fields: Any) -> None:
        self.alice, self.bob, self.event = replayed(_meeting, **fields)
        self.path = f"/v1/events/{self.event.pk}"
        self.room_path = f"/v1/rooms/{self.event.room_id}"

    def invite(self, invitee: User | str, **how: Any) -> None:
        """Somebody with an account, or an address."""
        given: dict[str, Any] = {"event": self.event, "actor": Actor.by_api(self.alice), "suppress_mail": True} | how
        if isinstance(invitee, str):
            invite_email(email=invitee, **given)
        else:
            invite_user(invitee=invitee, **given)

    def api(self, who: str) -> Api:
        match who:
            case "anonymous":
                return Api()
            case "stranger":
                return Api(factories.user("stranger"))
            case "other tenant":
                return Api(factories.user("foreigner", tenant=factories.tenant("another")))
            case "guest":
                code = create_code(room=self.event.room, user=self.alice, actor=Actor.by_api(self.alice))
                return Api(authorization=f"InviteCode {code.code}")
            case "invitee":
                return Api(self.bob)
            case _:
                return Api(self.alice)
