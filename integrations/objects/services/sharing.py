"""Who begins to read an object and who no longer does, when tags or their policies change."""

import uuid
from collections.abc import Sequence
from typing import Any

from activity.actors import Actor
from activity.audiences import Circle
from activity.log import Entry, record_all
from activity.object_kinds import ObjectShared, ObjectUnshared
from integrations.objects.access import circles, describe, place, tags_of
from integrations.objects.models.objects import Object


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
