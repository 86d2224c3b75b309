"""Invitations of an address become those of the account that has it."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import InviteClaimed
from activity.log import record
from calendars.addresses import spellings
from events import agenda
from events.access import place
from events.services.events import locked
from events.services.invitations import user_role
from events.services.inviting import circle_of
from invites.models import EmailInvite, EventInvite, Status
from invites.services import revoke_code
from rest.errors import NotFound
from users.addresses import hold_address
from users.models import User


def with_unclaimed_invites() -> QuerySet[User]:
    """People with an account whose address has invitations that are not theirs yet."""
    waiting = EmailInvite.objects.filter(email=OuterRef("email"), event__tenant=OuterRef("tenant"))
    people: QuerySet[User] = User.objects.registered().filter(Exists(waiting)).order_by("created_at")
    return people


@transaction.atomic
def claim_invites(*, user: User, actor: Actor) -> bool:
    """Turns what was sent to the address of somebody who now has an account into invitations of that account.

    False when there is nothing of it.
    """
    hold_address(user.tenant_id, user.email)
    waiting = EmailInvite.objects.select_related("event").filter(
        email__in=spellings(user.email), event__tenant=user.tenant_id
    )
    # In the order of all who lock several events.
    claimed = [_claim(invite, user, actor) for invite in waiting.order_by("event_id")]
    return any(claimed)


def _claim(waiting: EmailInvite, user: User, actor: Actor) -> bool:
    """The guest code stays with this person, so that it is never listed among those that everybody may pass on.

    False where the event was deleted or the invitation taken back meanwhile.
    """
    try:
        event = locked(waiting.event)
    except NotFound:
        return False
    invite = event.email_invites.select_related("invite_code__room").filter(pk=waiting.pk).first()
    if invite is None:
        return False
    if user.pk != event.created_by_id:
        claimed, is_new = EventInvite.objects.get_or_create(
            event=event,
            invitee=user,
            defaults={
                "id": invite.pk,  # as links in mails know it
                "role": user_role(invite.role),
                "status": invite.status,
                "created_by": invite.created_by,
                "created_at": invite.created_at,
                "token_nonce": invite.token_nonce,
                "invite_code": invite.invite_code,
            },
        )
        if not is_new:
            claimed.invite_code = claimed.invite_code or invite.invite_code
            if claimed.status == Status.PENDING:
                claimed.status = invite.status
            claimed.save(update_fields=["invite_code", "status"])
        invite.replies.update(event_invite=claimed, email_invite=None)
        record(
            InviteClaimed(address=invite.email, invitee_id=str(user.pk), role=claimed.role),
            actor=actor,
            subject=claimed,
            found_by=str(user),
            before=Circle(owner=event.created_by_id) if is_new else circle_of(event, claimed),
            after=circle_of(event, claimed),
            place=place(event),
        )
    elif invite.invite_code is not None:
        revoke_code(code=invite.invite_code, user=user, actor=actor, address=invite.email)
    invite.delete()
    agenda.sync(event, users=[user.pk])
    return True
