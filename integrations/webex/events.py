"""Activities as events: an activity may be none, one, or several."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from activity.models import Activity
from integrations.webex import ids, times
from integrations.webex.facts import Facts
from integrations.webex.formats import FORMATS, common
from integrations.webex.formats.table import Event, Json, Told

MOST_EVENTS = 8  # of one activity


@dataclass(frozen=True)
class Made:
    """An event of an activity; `number` is its line's place in the format of the kind."""

    told: Told
    number: int
    event: Event
    data: Json

    @property
    def id(self) -> uuid.UUID:
        return id_of(self.told.activity.id, self.number)

    def resource(self) -> Json:
        activity = self.told.activity
        return {
            "id": ids.written(ids.EVENT, self.id),
            "resource": self.event.resource,
            "type": self.event.type,
            "actorId": ids.written(ids.PERSON, common.actor_id(self.told)),
            "orgId": ids.written(ids.ORGANIZATION, activity.tenant_id or ids.SYSTEM),
            "created": times.written(activity.occurred_at),
            "data": self.data,
        }


def made_of(activities: Sequence[Activity]) -> Iterator[Made]:
    """Those of all the activities, in their order; of one activity in the order of its kind's lines."""
    facts = Facts(activities)
    for activity in activities:
        told = Told(activity, facts)
        for number, event in enumerate(FORMATS.get(activity.kind, ())):
            data = event.write(told)
            if data is not None:
                yield Made(told, number, event, data)


def id_of(activity_id: uuid.UUID, number: int) -> uuid.UUID:
    """The activity's own for the first. The others differ in the last digit, so that an id leads to its activity."""
    return uuid.UUID(int=activity_id.int ^ number)


def activities_of(event_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """The activities that may have made an event with this id, and as which of their events."""
    return {id_of(event_id, number): number for number in range(MOST_EVENTS)}
