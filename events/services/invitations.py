"""Invite people to a meeting, take invitations back, record what they answer."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import InviteAnswered, InviteRemoved, InviteUpdated
from activity.log import record
from calendars.addresses import canonical, is_same, spellings
from calendars.times import instance_id
from events import agenda, answers, mails
from events.access import place
from events.models import Event, Favorite
from events.services import digests
from events.services.events import locked, save_change
from events.services.inviting import AnyInvite, Guest, address_of, circle_of, invite_all, invitee_id_of
from invites.models import EmailInvite, EventInvite, Reply, Status
from invites.services import revoke_code
from invites.signals import answered
from rest.errors import Forbidden, NotFound
from users.access import visible
from users.directory import accounts_of
from users.models import User


def invite_user(
    *,
    event: Event,
    invitee: User,
    actor: Actor,
    role: str = EventInvite.Role.USER,
    status: str = Status.PENDING,
    suppress_mail: bool = False,
) -> bool:
    """Invites somebody with an account; False when the person is invited already or is the creator.

    `status`: what the person is known to have said before the invitation.
    """
    guest = Guest(user=invitee, is_moderator=role == EventInvite.Role.MODERATOR, status=status)
    (found,) = invite_all(event=event, guests=[guest], actor=actor, suppress_mail=suppress_mail)
    return found.is_new


def invite_email(
    *, event: Event, email: str, actor: Actor, role: str = EmailInvite.Role.GUEST, suppress_mail: bool = False
) -> bool:
    """Invites an address: its registered user, else its account, else an outsider where the server allows these.

    False when that person is invited already. Raises UnknownEmail, NoGuests, ServiceUnavailable.
    """
    email = canonical(email)
    # Another server may be asked, which takes its time: before rows are locked.
    account = accounts_of(event.tenant_id, [email]).get(email)
    guest = Guest(address=email, account=account, is_moderator=role == EmailInvite.Role.MODERATOR)
    (found,) = invite_all(event=event, guests=[guest], actor=actor, suppress_mail=suppress_mail)
    if found.refusal:
        raise found.refusal
    return found.is_new


@transaction.atomic
def change_user_role(*, event: Event, user_id: Any, role: str | None, actor: Actor) -> None:
    """None leaves the role as it is. Nobody is mailed. Raises NotFound."""
    event = locked(event)
    invite = event.invites.select_related("invitee").filter(invitee=user_id).first()
    if invite is None:
        raise NotFound
    _change_role(event, invite, role, actor)


@transaction.atomic
def change_email_role(*, event: Event, email: str, role: str | None, actor: Actor) -> None:
    """The role of whoever has this address, by account or not; None leaves it as it is. Raises NotFound."""
    event = locked(event)
    user_invite = event.invites.select_related("invitee").filter(invitee__email__in=spellings(email)).first()
    invite = user_invite or event.email_invites.filter(email__in=spellings(email)).first()
    if invite is None:
        raise NotFound
    _change_role(event, invite, role and (user_role(role) if user_invite else role), actor)


def _change_role(event: Event, invite: AnyInvite, role: str | None, actor: Actor) -> None:
    old = invite.role
    if role is None or role == old:
        return
    invite.role = role
    invite.save(update_fields=["role"])
    if isinstance(invite, EventInvite):
        agenda.sync(event, users=[invite.invitee_id])
    record(
        InviteUpdated(address=address_of(invite), invitee_id=invitee_id_of(invite), role=role),
        actor=actor,
        subject=invite,
        found_by=str(invite),
        before=circle_of(event, invite),
        after=circle_of(event, invite),
        changes={"role": (old, role)},
        place=place(event),
    )


def user_role(email_role: str) -> str:
    """What a guest's or moderator's role is called for somebody with an account."""
    is_moderator = email_role == EmailInvite.Role.MODERATOR
    return EventInvite.Role.MODERATOR if is_moderator else EventInvite.Role.USER


@transaction.atomic
def uninvite_user(*, event: Event, user_id: Any, actor: Actor, suppress_mail: bool = False) -> None:
    """Takes a user's invitation back, with the favourite if there is one. Raises NotFound."""
    event = locked(event)
    invite = event.invites.select_related("invitee", "invite_code__room").filter(invitee=user_id).first()
    if invite is None:
        raise NotFound
    Favorite.objects.filter(event=event, user=user_id).delete()
    _take_back(event, invite, actor, suppress_mail)
    agenda.sync(event, users=[invite.invitee_id])


@transaction.atomic
def uninvite_email(*, event: Event, email: str, actor: Actor, suppress_mail: bool = False) -> None:
    """Takes back the invitation of whoever has this address. Raises NotFound."""
    event = locked(event)
    user_invite = event.invites.filter(invitee__email__in=spellings(email)).first()
    if user_invite is not None:
        uninvite_user(event=event, user_id=user_invite.invitee_id, actor=actor, suppress_mail=suppress_mail)
        return
    invite = event.email_invites.select_related("invite_code__room").filter(email__in=spellings(email)).first()
    if invite is None:
        raise NotFound
    _take_back(event, invite, actor, suppress_mail)


def _take_back(event: Event, invite: AnyInvite, actor: Actor, suppress_mail: bool) -> None:
    """The calendar object takes the meeting away from one person: a newer SEQUENCE, which the event keeps."""
    event.uninvited_sequence = event.sequence + 1
    save_change(event, actor, fields=["uninvited_sequence"])
    if invite.invite_code is not None and not _is_used_elsewhere(invite):
        revoke_code(code=invite.invite_code, user=event.created_by, actor=actor, address=address_of(invite))
    cause = record(
        InviteRemoved(address=address_of(invite), invitee_id=invitee_id_of(invite)),
        actor=actor,
        subject=invite,
        found_by=str(invite),
        before=circle_of(event, invite),
        after=Circle(owner=event.created_by_id),
        place=place(event),
    )
    if not suppress_mail:
        mails.uninvited(event, invite, actor=actor, cause=cause, now=timezone.now())
    answers.overtake(**_of(invite))
    invite.delete()


def _is_used_elsewhere(invite: AnyInvite) -> bool:
    """The parts of a split series share their room, and so the code that was made for somebody in it."""
    holders = type(invite).objects.filter(invite_code=invite.invite_code).exclude(pk=invite.pk)
    return bool(holders.exists())


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Another time that somebody would come to."""

    starts_at: datetime
    ends_at: datetime
    zone: str


@dataclass(frozen=True, kw_only=True)
class Received:
    """What an answer that came as a calendar object says of itself (RFC 5546 2.1.5)."""

    sequence: int
    dtstamp: datetime
    message_id: str = ""
    mail_id: uuid.UUID | None = None  # of the row of the mail that it came in
    is_stale: bool = False  # it answers to a time that the event has no more
    is_by_invitee: bool = True  # as far as who received it can tell


@transaction.atomic
def answer_invite(
    *,
    invite: AnyInvite,
    status: str,
    actor: Actor,
    via: str,
    comment: str = "",
    occurrence: datetime | None = None,
    address: str = "",
    name: str = "",
    proposal: Proposal | None = None,
    received: Received | None = None,
) -> Reply:
    """Records an answer to the whole series, or to one occurrence by its original start; the last one counts.

    A stale one is kept, and changes nothing else. One from another address than the invitee's is kept and told: it
    is not the invitee's answer, and `name` says whose it is. Raises NotFound where the event was deleted meanwhile,
    Forbidden where the invitation was taken back.
    """
    event = locked(invite.event)
    invite = as_it_is_now(event, invite)
    received = received or Received(sequence=event.sequence, dtstamp=timezone.now())
    is_by_invitee = received.is_by_invitee and (not address or is_same(address, address_of(invite)))
    untold_to = None
    if not received.is_stale:
        # Before the rows of answers, as in whoever mails of them: else each could wait for the other.
        untold_to = digests.expect(event=event, answered_by=actor.user, is_urgent=bool(proposal))
        person = {"is_by_invitee": True} if is_by_invitee else {"is_by_invitee": False, "address": address}
        answers.overtake(**_of(invite), **person, occurrence=occurrence)
    reply = Reply.objects.create(
        **_of(invite),
        event_id=event.pk,
        invited_address=address_of(invite),
        address=address or address_of(invite),
        name=name,
        status=status,
        comment=comment,
        occurrence=occurrence,
        via=via,
        **_proposed(proposal, received),
        untold_to=untold_to,
        **asdict(received) | {"is_by_invitee": is_by_invitee},
    )
    if reply.is_stale:
        return reply
    former_status = invite.status
    if occurrence is None and is_by_invitee:
        _set_status(event, invite, status)
    _record_answer(event, invite, reply, actor, former_status)
    answered.send(Reply, reply=reply, invite=invite, event=event)
    return reply


def _set_status(event: Event, invite: AnyInvite, status: str) -> None:
    type(invite).objects.filter(pk=invite.pk).update(status=status)
    invite.status = status
    if isinstance(invite, EventInvite):
        agenda.sync(event, users=[invite.invitee_id])


def _record_answer(event: Event, invite: AnyInvite, reply: Reply, actor: Actor, former_status: str) -> None:
    record(
        InviteAnswered(
            address=reply.address,
            invitee_id=invitee_id_of(invite),
            status=reply.status,
            comment=reply.comment,
            occurrence=instance_id(reply.occurrence) if reply.occurrence else None,
            invited_address=reply.invited_address,
            is_by_invitee=reply.is_by_invitee,
            former_status=former_status,
        ),
        actor=actor,
        subject=invite,
        found_by=str(invite),
        before=circle_of(event, invite),
        after=circle_of(event, invite),
        place=place(event),
    )


def _of(invite: AnyInvite) -> dict[str, AnyInvite]:
    return {"event_invite" if isinstance(invite, EventInvite) else "email_invite": invite}


def _proposed(proposal: Proposal | None, received: Received) -> dict[str, Any]:
    """The columns of a proposal; a stale one is overtaken from the start."""
    if proposal is None:
        return {}
    state = Reply.ProposalState.OVERTAKEN if received.is_stale else Reply.ProposalState.OPEN
    return {f"proposed_{name}": value for name, value in asdict(proposal).items()} | {"proposal_state": state}


def as_it_is_now(event: Event, invite: AnyInvite) -> AnyInvite:
    """The row under the event's lock; its owner may have claimed it by the first sign-in. Raises Forbidden."""
    found: AnyInvite | None = type(invite).objects.filter(pk=invite.pk).first()
    found = found or event.invites.filter(token_nonce=invite.token_nonce).first()
    if found is None:
        raise Forbidden
    return found


def visible_invitee(event: Event, user_id: Any) -> User:
    """Somebody of the event's tenant; 404 for everybody else."""
    invitee = visible(event.created_by).filter(pk=user_id).first()
    if invitee is None:
        raise NotFound
    return invitee
