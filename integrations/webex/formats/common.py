"""Members of `data` that several families write."""

import uuid

from integrations.webex import ids, lookups, times
from integrations.webex.formats.table import Json, Told


def base(one: Told) -> Json:
    """The organization, and when it was made of what is new. Members that nobody knows are left out, never null."""
    activity = one.activity
    said = {"orgId": ids.written(ids.ORGANIZATION, activity.tenant_id)} if activity.tenant_id else {}
    return said | in_room(activity.room_id)


def in_room(room_id: uuid.UUID | str | None) -> Json:
    return {"roomId": ids.written(ids.ROOM, room_id), "roomType": "group"} if room_id else {}


def created(one: Told) -> Json:
    return {"created": times.written(one.activity.occurred_at)}


def person(person_id: uuid.UUID | str | None, email: str = "") -> Json:
    """Who it is about: without an account only the address."""
    said: Json = {"personId": ids.written(ids.PERSON, person_id)} if person_id else {}
    return said | ({"personEmail": email} if email else {})


def actor(one: Told) -> Json:
    """The account that did it, with its address; a guest by an id alone."""
    return person(actor_id(one), email(one, one.activity.actor_id))


def email(one: Told, person_id: uuid.UUID | str | None) -> str:
    """The account's address now, "" where there is none."""
    return one.facts.of(lookups.emails).get(str(person_id), "") if person_id else ""


def session(one: Told) -> str:
    """The live meeting during which it happened, "" where there was none."""
    return one.facts.of(lookups.sessions).get(one.activity.pk, "")


def actor_id(one: Told) -> uuid.UUID:
    return one.activity.actor_id or ids.SYSTEM


def meeting_id(event_id: uuid.UUID | str, instance: str = "") -> str:
    """`<uuid>`, of one occurrence or live meeting `<uuid>_I_<its id>`."""
    return f"{event_id}_I_{instance}" if instance else str(event_id)
