"""Who begins to read an object and who no longer does, when tags or their policies change."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from activity.actors import Actor
from activity.audiences import Circle
from activity.log import Entry, record_all
from activity.object_kinds import ObjectShared, ObjectUnshared
from integrations.objects.access import circles, describe, place
from integrations.objects.models.objects import Object, ObjectTag


def record_sharing(*, objects: Sequence[Object], before: dict[uuid.UUID, Circle], actor: Actor) -> None:
    """Compares with the people of now; `objects` are held. In as many statements as for one object."""
    after = circles(objects)
    changed = [one for one in objects if before[one.pk].everybody != after[one.pk].everybody]
    if not changed:
        return
    describe(changed)
    tags = tags_of(changed)
    entries: list[Entry] = []
    for one in changed:
        about: dict[str, Any] = {
            "subject": one,
            "place": place(one),
            "before": before[one.pk],
            "after": after[one.pk],
        }
        if after[one.pk].everybody - before[one.pk].everybody:
            entries.append(Entry(kind=ObjectShared(**snapshot(one), tags=tags[one.pk]), **about))
        if before[one.pk].everybody - after[one.pk].everybody:
            entries.append(Entry(kind=ObjectUnshared(**snapshot(one)), **about))
    record_all(entries, actor=actor)


def snapshot(one: Object) -> dict[str, Any]:
    return {"object_type": one.type, "label": one.description, "owner_id": str(one.owner_id)}


def tags_of(objects: Sequence[Object]) -> dict[uuid.UUID, list[str]]:
    """The tags of each in the order in which they were attached."""
    found: dict[uuid.UUID, list[str]] = defaultdict(list)
    attached = ObjectTag.objects.filter(object__in=[one.pk for one in objects]).order_by("pk")
    for object_id, tag_id in attached.values_list("object", "tag"):
        found[object_id].append(str(tag_id))
    return found
