"""The links in mails to organizers by which a proposed time is decided: a signed name of the proposal.

The link is good for its one proposal, until that is decided or overtaken.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer

from events.models import Event
from invites.models import Reply

_SIGNER = "events.proposals.decide"


def link_for(reply: Reply) -> str:
    return f"{settings.BASE_URL}/proposals/{Signer(salt=_SIGNER).sign_object(str(reply.pk))}"


def proposal_of(token: str) -> tuple[Event, Reply] | None:
    """What a link was made for; None where it was not made here, or the meeting is gone."""
    try:
        name = Signer(salt=_SIGNER).unsign_object(token)
        reply = Reply.objects.select_related("event_invite__invitee", "email_invite").filter(pk=name).first()
    except (BadSignature, ValueError, ValidationError):
        return None
    events = Event.objects.filter(created_by__disabled_since=None).select_related("created_by")
    event = events.filter(pk=reply.event_id).first() if reply and reply.event_id else None
    return (event, reply) if event and reply else None
