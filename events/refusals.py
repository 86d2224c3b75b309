"""The mail to whoever proposed another time, that the meeting stays as it is."""

import uuid

from msgspec.structs import replace

from events import answers, mails, messages
from events.models import Event
from invites.models import EmailInvite, Reply
from mailer.protocol import EventMessage
from users.directory import accounts_of


def refused(event: Event, reply: Reply, *, comment: str, cause: uuid.UUID) -> None:
    """To the address that answered, also where the invitation was sent to another one."""
    messages.read([event])
    message = _message(event, reply)
    told = mails.occurrence_of(event, reply.occurrence) if reply.occurrence else None
    message = replace(message, comment=comment, event_exception=told, proposed=answers.proposed(event, reply))
    mails.enqueue(event, [message], cause)


def _message(event: Event, reply: Reply) -> EventMessage:
    invite = reply.event_invite or reply.email_invite
    if invite is None or not reply.is_by_invitee:
        invite = EmailInvite(event=event, email=reply.address, status=reply.status)
        return mails.build("refusal", event, [invite], {}, event.created_by)[0]
    accounts = {}
    if isinstance(invite, EmailInvite):
        known = accounts_of(event.tenant_id, [invite.email], may_wait=False)
        accounts = mails.with_remembered(event, [invite], known)
    return mails.build("refusal", event, [invite], accounts, event.created_by)[0]
