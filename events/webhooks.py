"""The door of anymail's inbound webhooks: an ESP hands over a mail, and does so again unless it is told 200."""

from typing import Any

from anymail.signals import AnymailInboundEvent

from events.services.inbound import take_in_mail
from invites.models import InboundMail


def receive(event: AnymailInboundEvent, **kwargs: Any) -> None:
    """For anymail.signals.inbound."""
    recipient = event.message.envelope_recipient
    take_in_mail(
        data=event.message.as_bytes(),
        source=InboundMail.Source.WEBHOOK,
        recipients=[recipient] if recipient else [],
    )
