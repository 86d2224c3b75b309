"""The mails of a meeting that has another organizer now (docs/architecture.md, "handed over")."""

import uuid
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from activity.actors import Actor
from activity.changes import Changes, in_json
from calendars.addresses import is_same
from events import mails
from events.models import Event
from mailer import protocol
from users.models import User

SEEN = ("organizer_name",)


def handed_over(
    event: Event,
    former: Event,
    *,
    changes: Changes,
    actor: Actor,
    was_invited: bool,
    causes: tuple[uuid.UUID, uuid.UUID | None],
    now: datetime,
) -> None:
    """To everybody in it, and to the former organizer who is not.

    `former` is the event as it was, with the SEQUENCE of now. The second cause is that of the invitations to the new
    calendar entry, None where calendars keep the one that they have. `was_invited`: the new organizer, whose calendar
    has that one too.
    """
    if event.is_past(now):
        return
    told, entry = causes
    known: dict[str, Any] = {"changes": in_json({name: changes[name] for name in SEEN if name in changes})}
    if entry is None:
        mails.enqueue(event, mails.for_everybody("update", event, actor, **known), told)
    else:
        removed = mails.for_everybody("update", event, actor, **known, replaced=_entry_of(former))
        mails.enqueue(
            event, [message for message in removed if was_invited or not _is_to(event.created_by, message)], told
        )
        mails.enqueue(event, mails.for_everybody("invite", event, actor), entry)
    leaving = former.created_by
    if not event.invites.filter(invitee=leaving).exists():
        ending = mails.for_its_creator("uninvite", former)
        mails.enqueue(event, [replace(message, inviter=mails.registered(event.created_by)) for message in ending], told)


def _entry_of(event: Event) -> protocol.Entry:
    return protocol.Entry(event.uid, protocol.Organizer(event.organizer_address, event.organizer_name))


def _is_to(person: User, message: protocol.EventMessage) -> bool:
    return is_same(message.invitee.email, person.email)
