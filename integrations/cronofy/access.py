"""Which invites an application reaches: its own. And who of their recipients is still invited."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from calendars.addresses import canonical
from events.mails import AnyInvite
from events.models import Event
from integrations.cronofy.models import Application, Recipient, SmartInvite
from invites.models import EmailInvite, EventInvite
from rest.errors import NotFound


@dataclass(frozen=True)
class Invited:
    """A recipient with the invitation that holds the answer."""

    recipient: Recipient
    invite: AnyInvite


def readable(application: Application, smart_invite_id: str) -> SmartInvite:
    """Raises NotFound."""
    invite = application.smart_invites.filter(smart_invite_id=smart_invite_id).first()
    if invite is None:
        raise NotFound
    return invite


def event_of(smart_invite: SmartInvite) -> Event | None:
    """As it is now, with what an answer tells of it; None where it was cancelled."""
    event = (
        Event.objects.filter(pk__in=[smart_invite.event_id])
        .select_related("room__sip_config", "created_by__tariff", "shared_folder")
        .first()
    )
    return with_people(event) if event else None


def with_people(event: Event) -> Event:
    lookups: list[Any] = [
        Prefetch("invites", EventInvite.objects.select_related("invitee")),
        Prefetch("email_invites", EmailInvite.objects.select_related("invite_code")),
        "invites__replies",
        "email_invites__replies",
    ]
    prefetch_related_objects([event], *lookups)
    return event


def invited(smart_invite: SmartInvite, event: Event) -> list[Invited]:
    """The recipients whom nobody has un-invited, in the order in which the application named them."""
    people = smart_invite.recipients.all()
    found = ((recipient, invite_of(event, recipient.address, recipient.invite_id)) for recipient in people)
    return [Invited(recipient, invite) for recipient, invite in found if invite is not None]


def invite_of(event: Event, address: str, invite_id: Any = None) -> AnyInvite | None:
    """By its id, which stays when somebody gets an account, else by the address."""
    invites: Iterable[AnyInvite] = [*event.invites.all(), *event.email_invites.all()]
    by_id = (invite for invite in invites if invite.pk == invite_id)
    by_address = (invite for invite in invites if canonical(address_of(invite)) == address)
    return next(by_id, None) or next(by_address, None)


def address_of(invite: AnyInvite) -> str:
    return invite.invitee.email if isinstance(invite, EventInvite) else invite.email
