"""Abort a mail that was not sent yet."""

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Place
from activity.log import record
from activity.mail_kinds import MailAborted
from mailer import outbox
from mailer.models import OutgoingMail


@transaction.atomic
def abort_mail(*, mail: OutgoingMail, actor: Actor) -> bool:
    """False where it is too late, or where it would not be sent anyway."""
    is_aborted = outbox.abort(mail=mail)
    if is_aborted:
        kind = MailAborted(address=mail.address, kind=mail.kind)
        record(kind, actor=actor, subject=mail, place=Place(tenant_id=mail.tenant_id, event_id=mail.event_id))
    return is_aborted
