"""What the log has of anything that has an id: each is one range of one index, however long the log is."""

import uuid

from django.db.models import Q

from activity.models import Activity, Audience


def of_id(key: uuid.UUID) -> Q:
    """Of an object, an event with its invitations, a room, a request; of a person what it did and what concerned it."""
    first, *others = (
        Activity.objects.filter(**{column: key}).order_by().values("position")
        for column in ("id", "subject_id", "event_id", "room_id", "actor_id")
    )
    of_request = Activity.objects.filter(request_id=str(key)).order_by().values("position")
    told = Audience.objects.filter(user_id=key).values("activity")
    return Q(position__in=first.union(*others, of_request, told))
