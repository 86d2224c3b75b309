"""Keeps what is told of invites after their end, whoever ended them: the application, its service user, or staff."""

from collections.abc import Sequence
from typing import Any

from events.models import Event
from integrations.cronofy import calendar_objects
from integrations.cronofy.access import Invited, invited, with_people
from integrations.cronofy.models import Ending, SmartInvite
from integrations.cronofy.resources import resource


def keep(sender: Any, event: Event, **_more: Any) -> None:
    """Receiver of events.signals.ending."""
    for smart_invite in SmartInvite.objects.select_related("application").filter(event_id=event.pk):
        if people := invited(smart_invite, with_people(event)):
            rows = [*each(smart_invite, event, people, "cancellation"), together(smart_invite, event, people)]
            Ending.objects.bulk_create(rows)


def each(smart_invite: SmartInvite, event: Event, people: Sequence[Invited], action: str) -> list[Ending]:
    """One for each, not stored."""
    objects = calendar_objects.written_for_each(action, event, [one.invite for one in people])
    return [
        Ending(
            smart_invite=smart_invite,
            address=one.recipient.address,
            resource=resource(smart_invite, event, [one], is_for_several=False),
            icalendar=icalendar,
        )
        for one, icalendar in zip(people, objects, strict=True)
    ]


def joined(ended: Sequence[Ending]) -> Ending:
    """One for several that ended before, not stored, with the first one's calendar object."""
    told = {name: value for name, value in ended[0].resource.items() if name not in {"recipient", "replies"}}
    recipients = [ending.resource["recipient"] for ending in ended]
    return Ending(
        smart_invite=ended[0].smart_invite, resource={"recipients": recipients} | told, icalendar=ended[0].icalendar
    )


def together(
    smart_invite: SmartInvite, event: Event, people: Sequence[Invited], action: str = "cancellation"
) -> Ending:
    """One for all of them, not stored."""
    return Ending(
        smart_invite=smart_invite,
        resource=resource(smart_invite, event, people, is_for_several=True),
        icalendar=calendar_objects.written(action, event, [one.invite for one in people]),
    )
