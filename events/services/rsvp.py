"""Record what somebody answers on the page of an invitation."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from events import access
from events.services.events import locked
from events.services.invitations import Proposal, answer_invite
from events.services.inviting import AnyInvite, address_of
from invites.models import EventInvite, Reply
from rest.errors import Conflict, TooManyRequests

# Whoever has the link may answer as often as people change their minds, not as often as programs can.
MOST_ANSWERS = 20
COUNTED = timedelta(hours=1)
# A form that is sent twice by a double click.
SAME_WITHIN = timedelta(seconds=60)


class NoSuchOccurrence(Conflict):
    code = "no_such_occurrence"
    default_detail = "The series has no such date, or it was cancelled"


@transaction.atomic
def answer_on_page(
    *,
    invite: AnyInvite,
    status: str,
    comment: str = "",
    occurrence: datetime | None = None,
    address: str = "",
    name: str = "",
    proposal: Proposal | None = None,
) -> Reply:
    """As `answer_invite`; `address` and `name` are those of somebody else than the invitee.

    Raises NotFound or Forbidden as that does, NoSuchOccurrence, and TooManyRequests after MOST_ANSWERS in an hour.
    """
    event = locked(invite.event)
    if occurrence is not None and not access.has_occurrence(event, occurrence):
        raise NoSuchOccurrence
    answer: dict[str, Any] = {"status": status, "comment": comment, "occurrence": occurrence, "name": name}
    latest: list[Reply] = list(_counted(invite).order_by("-received_at")[:MOST_ANSWERS])
    if latest and _is_the_same(latest[0], answer, address, proposal):
        return latest[0]
    if len(latest) == MOST_ANSWERS:
        raise TooManyRequests((latest[-1].received_at + COUNTED - timezone.now()).total_seconds())
    person = invite.invitee if isinstance(invite, EventInvite) and not address else None
    known_as = name or address or ("" if person else address_of(invite))
    actor = Actor.by_page(person, guest_id=None if address else invite.pk, name=known_as)
    return answer_invite(invite=invite, actor=actor, via=Reply.Via.PAGE, address=address, proposal=proposal, **answer)


def _counted(invite: AnyInvite) -> Any:
    return invite.replies.filter(via=Reply.Via.PAGE, received_at__gt=timezone.now() - COUNTED)


def _is_the_same(last: Reply, answer: dict[str, Any], address: str, proposal: Proposal | None) -> bool:
    proposed = (proposal.starts_at, proposal.ends_at, proposal.zone) if proposal else (None, None, "")
    return (
        last.received_at > timezone.now() - SAME_WITHIN
        and not last.is_stale
        and all(getattr(last, field) == value for field, value in answer.items())
        and last.address == (address or last.invited_address)
        and (last.proposed_starts_at, last.proposed_ends_at, last.proposed_zone) == proposed
    )
