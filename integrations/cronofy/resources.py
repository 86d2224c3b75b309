"""Invites as Cronofy's API writes them. What somebody has not said is left out, never null."""

from collections.abc import Sequence
from typing import Any

from events.models import Event
from integrations.cronofy import times
from integrations.cronofy.access import Invited
from integrations.cronofy.models import SmartInvite
from integrations.cronofy.serializers import MOST_RECIPIENTS
from invites.models import Reply

Json = dict[str, Any]


def resource(smart_invite: SmartInvite, event: Event, people: Sequence[Invited], *, is_for_several: bool) -> Json:
    """Without the method and the attachments; of one of `people` where it is not for several."""
    states = [state_of(one, event) for one in people]
    who: Json = {"recipients": states} if is_for_several else {"recipient": states[0]}
    others = [] if is_for_several else _of_others(people[0], event)
    return {
        **who,
        **({"replies": others} if others else {}),
        "smart_invite_id": smart_invite.smart_invite_id,
        **callback_member(smart_invite),
        "event": _event(event),
    }


def callback_member(smart_invite: SmartInvite) -> Json:
    url = smart_invite.callback_url or smart_invite.application.callback_url
    return {"callback_url": url} if url else {}


def state_of(one: Invited, event: Event) -> Json:
    """The recipient's status, with what was said with the last answer; another time of the event makes it stale."""
    own = (reply for reply in one.invite.replies.all() if reply.is_by_invitee and not reply.is_stale)
    last = next((reply for reply in own if reply.occurrence is None), None)
    return {
        "email": one.recipient.email,
        "status": one.invite.status,
        **(_said(last, event) if last is not None else {}),
    }


def reply_of(reply: Reply, email: str, event: Event) -> Json:
    return {"email": email, "status": reply.status, **_said(reply, event)}


def _of_others(one: Invited, event: Event) -> list[Json]:
    """The last answer of each who is not the recipient: of those who came last where they are very many."""
    replies = [reply for reply in one.invite.replies.all() if not (reply.is_by_invitee or reply.is_stale)]
    last = {reply.address: reply for reply in reversed(replies)}  # the newest of each stays
    return [reply_of(reply, address, event) for address, reply in list(last.items())[-MOST_RECIPIENTS:]]


def _said(reply: Reply, event: Event) -> Json:
    said: Json = {"comment": reply.comment} if reply.comment else {}
    start, end = reply.proposed_starts_at, reply.proposed_ends_at
    if start is not None and end is not None:
        zone = reply.proposed_zone or event.starts_at_zone or times.UTC_ZONE
        is_all_day = bool(event.is_all_day) and times.is_midnight(start, zone) and times.is_midnight(end, zone)
        pair = {"start": start, "end": end}
        said["proposal"] = {name: times.written(instant, zone, is_all_day=is_all_day) for name, instant in pair.items()}
    return said


def _event(event: Event) -> Json:
    own: Json = event.calendar_properties or {}
    told: Json = {"summary": event.title}
    if event.description:
        told["description"] = event.description
    if event.starts_at is not None and event.ends_at is not None:
        is_all_day = bool(event.is_all_day)
        told["start"] = times.written(event.starts_at, event.starts_at_zone, is_all_day=is_all_day)
        told["end"] = times.written(event.ends_at, event.ends_at_zone, is_all_day=is_all_day)
    place = {"description": own.get("location"), "lat": own.get("latitude"), "long": own.get("longitude")}
    given = {name: value for name, value in place.items() if value}
    reminders = [{"minutes": minutes} for minutes in own.get("reminders", ())]
    more = {"url": own.get("url"), "location": given, "reminders": reminders}
    more |= {"transparency": own.get("transparency"), "color": own.get("color")}
    return told | {name: value for name, value in more.items() if value}
