"""Who acts, and by which way."""

from dataclasses import dataclass
from typing import Any

from activity.models import Activity


@dataclass(frozen=True)
class Actor:
    """`user` is a users.User, or None for guests, jobs and services; then `name` says who."""

    kind: str
    via: str
    user: Any = None
    name: str = ""

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
    def by_guest(cls) -> "Actor":
        return cls(Activity.ActorKind.GUEST, Activity.Via.API)

    @classmethod
    def by_service(cls, name: str) -> "Actor":
        return cls(Activity.ActorKind.SERVICE, Activity.Via.API, None, name)
