"""Who performs an action, and through which channel."""

import uuid
from dataclasses import dataclass
from typing import Any

from activity.models import Activity


@dataclass(frozen=True)
class Actor:
    """`user` is a users.User, or None for everybody without an account, who is identified by `id` and `name`."""

    kind: str
    via: str
    user: Any = None
    name: str = ""
    id: uuid.UUID | None = None

    @classmethod
    def by_api(cls, user: Any) -> "Actor":
        return cls(Activity.ActorKind.USER, Activity.Via.API, user)

    @classmethod
    def by_admin(cls, user: Any) -> "Actor":
        return cls(Activity.ActorKind.STAFF, Activity.Via.ADMIN, user)

    @classmethod
    def by_job(cls, name: str) -> "Actor":
        return cls(Activity.ActorKind.JOB, Activity.Via.JOB, None, name)

    @classmethod
    def by_guest(cls, guest_id: uuid.UUID | None = None, name: str = "") -> "Actor":
        """Somebody without an account; `guest_id` is the invitation's, where there is one."""
        return cls(Activity.ActorKind.GUEST, Activity.Via.API, None, name, guest_id)

    @classmethod
    def by_page(cls, user: Any = None, *, guest_id: uuid.UUID | None = None, name: str = "") -> "Actor":
        """Somebody who opened a link in a mail: the account it was sent to, else a guest as in `by_guest`."""
        kind = Activity.ActorKind.USER if user else Activity.ActorKind.GUEST
        return cls(kind, Activity.Via.PAGE, user, name, guest_id)

    @classmethod
    def by_mail(cls, user: Any = None, *, guest_id: uuid.UUID | None = None, name: str = "") -> "Actor":
        """Somebody who sent a mail: the account whose address it is, else a guest as in `by_guest`."""
        kind = Activity.ActorKind.USER if user else Activity.ActorKind.GUEST
        return cls(kind, Activity.Via.MAIL, user, name, guest_id)

    @classmethod
    def by_participant(cls, participant_id: uuid.UUID, name: str, user: Any = None) -> "Actor":
        """Somebody in a live meeting: the account where there is one, else the participant with the name shown."""
        kind = Activity.ActorKind.USER if user else Activity.ActorKind.PARTICIPANT
        return cls(kind, Activity.Via.PROTOCOL, user, name, participant_id)

    @classmethod
    def by_service(cls, name: str) -> "Actor":
        return cls(Activity.ActorKind.SERVICE, Activity.Via.API, None, name)
