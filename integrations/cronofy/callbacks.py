"""Tells applications of answers: one signed POST for each, queued in the transaction that records the answer."""

from typing import Any

import orjson

from calendars.addresses import canonical
from events.mails import AnyInvite
from events.models import Event
from integrations.cronofy.access import Invited, address_of, invited, with_people
from integrations.cronofy.models import SmartInvite
from integrations.cronofy.resources import Json, callback_member, reply_of, state_of
from integrations.deliveries.models import Endpoint
from integrations.deliveries.services import endpoint_for, enqueue
from invites.models import Reply

KIND = "smart_invite"


def tell(sender: Any, reply: Reply, invite: AnyInvite, event: Event, **_more: Any) -> None:
    """Receiver of invites.signals.answered."""
    smart_invites = SmartInvite.objects.select_related("application__ring", "application__tenant")
    for smart_invite in smart_invites.filter(event_id=event.pk, application__disabled_since=None):
        people = invited(smart_invite, with_people(event))
        answered = next((one for one in people if one.invite.pk == invite.pk), None)
        url = callback_member(smart_invite).get("callback_url")
        if answered is None or url is None:
            continue
        application = smart_invite.application
        endpoint = endpoint_for(
            ring=application.ring,
            url=url,
            signature=Endpoint.Signature.CRONOFY,
            tenant=application.tenant,
            owner_address=application.contact_address,
        )
        body = orjson.dumps(notification(smart_invite, event, people, answered, reply))
        enqueue(endpoint=endpoint, ordering_key=smart_invite.smart_invite_id, body=body, kind=KIND)


def notification(
    smart_invite: SmartInvite, event: Event, people: list[Invited], answered: Invited, reply: Reply
) -> Json:
    """The members in the order of the seed. Of several recipients all are told, and whose answer it is in `reply`."""
    who: Json = {"recipient": state_of(answered, event)}
    if smart_invite.is_for_several:
        who = {"recipients": [state_of(one, event) for one in people]}
    return {
        "notification": {"type": KIND},
        "smart_invite": {
            "smart_invite_id": smart_invite.smart_invite_id,
            **callback_member(smart_invite),
            **who,
            "reply": reply_of(reply, _answering(reply, answered), event),
        },
    }


def _answering(reply: Reply, answered: Invited) -> str:
    """The recipient in the application's spelling."""
    is_recipient = canonical(reply.address) == canonical(address_of(answered.invite))
    return answered.recipient.email if is_recipient and reply.is_by_invitee else reply.address
