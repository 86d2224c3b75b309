"""Send a mail again, rebuilt from the current data; and an invitation, whether or not there was a mail before."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from activity.actors import Actor
from activity.audiences import Place
from activity.kinds import InviteResent
from activity.log import record
from activity.mail_kinds import MailResent
from events import mails
from events.access import place
from events.models import Event
from events.services.events import locked
from events.services.invitations import as_it_is_now
from events.services.inviting import AnyInvite, address_of, invitee_id_of
from invites.models import EventInvite
from mailer import outbox
from mailer.kinds import InvalidMessageError, from_json
from mailer.messages import Message
from mailer.models import OutgoingMail
from mailer.protocol import EventMessage
from mailer.shown import shown_of
from rest.errors import Forbidden, NotFound


class OutdatedMail(Exception):
    """The mail is outdated and nothing replaces it; the text is for staff."""


@transaction.atomic
def resend_mail(*, mail: OutgoingMail, actor: Actor) -> bool:
    """Queues the mail again; False where it waits to be sent anyway. Raises OutdatedMail."""
    is_queued = outbox.send_again(mail=mail, message=_as_of_now(mail, actor))
    if is_queued:
        kind = MailResent(address=mail.address, kind=mail.kind)
        record(kind, actor=actor, subject=mail, place=Place(tenant_id=mail.tenant_id, event_id=mail.event_id))
    return is_queued


@transaction.atomic
def resend_invitation(*, invite: AnyInvite, actor: Actor) -> None:
    """Mails the meeting as it is now to somebody who is invited. Raises OutdatedMail."""
    try:
        event = locked(invite.event)
        invite = as_it_is_now(event, invite)
    except NotFound:
        raise OutdatedMail(gettext("the meeting was deleted")) from None
    except Forbidden:
        raise OutdatedMail(gettext("no longer invited")) from None
    if not event.sends_mails:
        raise OutdatedMail(gettext("the meeting sends no mails"))
    if event.is_past(timezone.now()):
        raise OutdatedMail(gettext("the meeting is over"))
    if isinstance(invite, EventInvite) and not invite.invitee.is_active:
        raise OutdatedMail(gettext("the account is disabled"))
    kind = InviteResent(address=address_of(invite), invitee_id=invitee_id_of(invite))
    cause = record(kind, actor=actor, subject=invite, place=place(event))
    mails.refreshed(event, invite, actor=actor, cause=cause)


def _as_of_now(mail: OutgoingMail, actor: Actor) -> Message | None:
    try:
        stored = from_json(mail.message)
    except InvalidMessageError:
        return None  # it fails again, and says why
    if not isinstance(stored, EventMessage):
        return stored
    event = Event.objects.filter(pk=stored.event_id).first()
    try:
        event = event and locked(event)
    except NotFound:
        event = None
    if stored.action in mails.ENDINGS:
        if event is not None and mails.is_told(event, stored.invitee.email):
            raise OutdatedMail(gettext("invited again"))
        return stored
    if event is None:
        raise OutdatedMail(gettext("the meeting was deleted"))
    message = _still_true(event, stored) if stored.action == "reminder" else mails.made_anew(event, stored, actor=actor)
    if message is None:
        raise OutdatedMail(gettext("no longer invited"))
    return message


def _still_true(event: Event, reminder: EventMessage) -> EventMessage | None:
    """The reminder as it was sent; None for somebody who is no longer invited. Raises OutdatedMail."""
    if reminder.event.revision != event.sequence:
        raise OutdatedMail(gettext("the meeting has changed since"))
    start = shown_of(reminder.event, reminder.event_exception).starts_at
    if start is not None and start <= timezone.now():
        raise OutdatedMail(gettext("it has begun"))
    return reminder if mails.is_told(event, reminder.invitee.email) else None
