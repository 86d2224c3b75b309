"""A room as cospace tells it: an object of the type conference."""

import uuid
from collections.abc import Iterable
from typing import Any

from integrations.cospace.dialect import Json, seconds
from integrations.cospace.models import Subscription
from integrations.cospace.subscriptions import Event, tells
from integrations.objects import access, presence
from integrations.objects.models.conferences import ReportedConference
from integrations.objects.models.objects import Object, ObjectTag
from rooms import access as rooms
from signaling.models import RoomSession
from users.models import User


def listed(user: User, *, first: int, count: int) -> dict[str, Json]:
    """The rooms that the person can access, the newest first, in constant statements. Whatever else a tag brings within
    reach is found by the tag.
    """
    page = list(rooms.visible(user)[first : first + count])
    return {str(one.pk): told for one, told in zip(page, _told(map(access.conference_of, page)), strict=True)}


def one(user: User, conference_id: uuid.UUID) -> Json:
    """With its members. Raises NotFound."""
    found = access.found(user, conference_id, of_type=Object.Type.CONFERENCE)
    (told,) = _told([found])
    return told | {"member": members(conference_id)}


def members(conference_id: uuid.UUID) -> dict[str, Any]:
    return {str(key): member.told() for key, member in presence.members(conference_id).items()}


@tells(Subscription.Kind.CONFERENCE)
def status(conference_id: uuid.UUID) -> Event:
    return "conference_status", {"conference": str(conference_id), "member": members(conference_id)}


def _told(found: Iterable[Object]) -> list[Json]:
    """`live`: somebody is in it, here or as others report, or was until a moment ago."""
    objects = list(found)
    ids = [one.pk for one in objects]
    access.describe(objects)
    live = set(
        RoomSession.objects.filter(room__in=ids, ended_at=None, started_at__isnull=False).values_list("room", flat=True)
    )
    reported = ReportedConference.objects.filter(room__in=ids, session__isnull=False)
    live.update(reported.values_list("room", flat=True))
    tags: dict[uuid.UUID, list[str]] = {}
    for object_id, tag_id in ObjectTag.objects.filter(object__in=ids).order_by("pk").values_list("object", "tag"):
        tags.setdefault(object_id, []).append(str(tag_id))
    return [
        {
            "type": "conference",
            "owner": str(one.owner_id),
            "description": one.description,
            "create_time": seconds(one.created_at),
            "tag": tags.get(one.pk, []),
            "live": one.pk in live,
        }
        for one in objects
    ]
