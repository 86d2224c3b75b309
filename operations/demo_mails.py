"""What becomes of the demonstration's mails: its invitees have mail servers that refuse, defer, throttle and bounce."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.utils import timezone

from activity.actors import Actor
from events.models import Event
from events.services.abort_mail import abort_mail
from events.services.events import update_event
from events.services.inbound import take_in_mail
from mailer import tracking
from mailer.errors import RefusedForNowError, TransportError, UndeliverableError
from mailer.models import HeldDomain, OutgoingMail
from mailer.send import deliver_due
from mailer.transports import RenderAndSend
from users.models import User

UNKNOWN, GREYLISTED, BOUNCING = "erik@example.org", "frida@example.org", "ines@example.org"
THROTTLED, BEHIND_IT = "greta@example.net", "hugo@example.net"
INVITEES = (UNKNOWN, GREYLISTED, BOUNCING, THROTTLED, BEHIND_IT)
TRIES = 6  # the next one comes six hours later
_SAID: dict[str, TransportError] = {
    UNKNOWN: UndeliverableError("550 5.1.1 Recipient address rejected: User unknown", code=550),
    GREYLISTED: RefusedForNowError("451 4.7.1 Greylisted, please try again later", code=451),
    THROTTLED: RefusedForNowError("421 4.7.0 Too many messages from your network", code=421, is_throttled=True),
}
_OUT_OF_OFFICE = b"""\
From: Dora <dora@example.org>\r
To: Alice Adams <alice@example.com>\r
Subject: Out of office: Invitation: Jour fixe\r
Auto-Submitted: auto-replied\r
Message-ID: <out-of-office@example.org>\r
Content-Type: text/plain; charset=utf-8\r
\r
I am away until summer.\r
"""


class InviteesServers(RenderAndSend):
    """Mails to everybody else go where they always go."""

    def deliver(self, mail: OutgoingMail) -> bytes:
        if mail.address in _SAID:
            raise _SAID[mail.address]
        return super().deliver(mail)


def send_and_fail(event: Event) -> None:
    """Leaves mails in every state that lasts, with the attempts behind it."""
    mails = OutgoingMail.objects.filter(event_id=event.pk)
    # Refused so often that the next refusal holds it for an hour; what waits behind the refused mail stays queued.
    HeldDomain.objects.create(
        domain=THROTTLED.rpartition("@")[2], refusals=len(HeldDomain.PAUSES), held_until=timezone.now()
    )
    with _failing_quietly():
        for _time in range(TRIES):
            mails.filter(address=GREYLISTED).update(next_try_at=timezone.now())
            deliver_due(transport=InviteesServers())
    _bounce(mails.get(address=BOUNCING))
    owner, staff = event.created_by, User.objects.get(username="admin")
    update_event(event=event, actor=Actor.by_api(owner), columns={"description": "With the figures of the first half."})
    with _failing_quietly():
        deliver_due(transport=InviteesServers())
    abort_mail(mail=mails.filter(address=GREYLISTED).latest("created_at"), actor=Actor.by_admin(staff))
    take_in_mail(data=_OUT_OF_OFFICE, source="pipe", recipients=["alice@example.com"])


@contextmanager
def _failing_quietly() -> Iterator[None]:
    """It is no news to whoever starts the demonstration."""
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _bounce(mail: OutgoingMail) -> None:
    """As an ESP tells of it. The address is suppressed, so that the next mail to it is withheld."""
    told = AnymailTrackingEvent(
        event_type=EventType.BOUNCED,
        timestamp=timezone.now(),
        message_id=mail.tries.latest("pk").esp_message_id,
        reject_reason=RejectReason.BOUNCED,
        mta_response="550 5.1.1 The mailbox of Ines was closed",
    )
    tracking.receive(told, "demo")
