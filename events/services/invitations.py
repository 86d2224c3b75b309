"""Invite people to a meeting, take invitations back, record what they answer."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import InviteAdded, InviteAnswered, InviteClaimed, InviteRemoved, InviteUpdated
from activity.log import record
from calendars.addresses import canonical, spellings
from calendars.times import instance_id
from events import agenda, mails
from events.access import place
from events.models import Event, Favorite
from events.services.events import locked, save_change
from invites.models import EmailInvite, EventInvite, Reply, Status
from invites.services import code_for, revoke_code
from rest.errors import Conflict, Forbidden, NotFound, ServiceUnavailable
from rooms.guests import admits_guests
from users.access import visible
from users.addresses import hold_address
from users.directory import Account, accounts_of, is_failing
from users.models import User

AnyInvite = EventInvite | EmailInvite


class UnknownEmail(Conflict):
    code = "unknown_email"
    default_detail = "Only people with an account can be invited, and nobody has this e-mail address"


class NoGuests(Forbidden):
    code = "service_unavailable"
    default_detail = "Only people with an account can join this meeting"


@transaction.atomic
def invite_user(
    *, event: Event, invitee: User, actor: Actor, role: str = EventInvite.Role.USER, suppress_mail: bool = False
) -> bool:
    """Invites somebody with an account; False when the person is invited already or is the creator."""
    event = locked(event)
    if invitee.pk == event.created_by_id:
        return False
    invite, is_new = EventInvite.objects.get_or_create(
        event=event, invitee=invitee, defaults={"role": role, "created_by": _inviter(event, actor)}
    )
    if is_new:
        agenda.sync(event, users=[invitee.pk])
        _announce(event, invite, actor, suppress_mail)
    return is_new


def invite_email(
    *, event: Event, email: str, actor: Actor, role: str = EmailInvite.Role.GUEST, suppress_mail: bool = False
) -> bool:
    """Invites an address: its registered user, else its account, else an outsider where the server allows these.

    False when that person is invited already. Raises UnknownEmail, NoGuests, ServiceUnavailable.
    """
    email = canonical(email)
    # Another server may be asked, which takes its time: before rows are locked.
    account = accounts_of(event.tenant_id, [email]).get(email)
    return _invite_email(event, email, actor, role, account, suppress_mail)


@transaction.atomic
def _invite_email(
    event: Event, email: str, actor: Actor, role: str, account: Account | None, suppress_mail: bool
) -> bool:
    hold_address(event.tenant_id, email)  # its owner may be signing in for the first time
    user = User.objects.registered().of_tenant(event.tenant_id).by_email(email).order_by("created_at").first()
    if user is not None:
        return invite_user(event=event, invitee=user, actor=actor, role=_user_role(role), suppress_mail=suppress_mail)
    if account is None and not settings.EVENT_INVITE_EXTERNAL:
        raise ServiceUnavailable if is_failing() else UnknownEmail
    event = locked(event)
    if account is None and not admits_guests(event.room):
        raise NoGuests
    names = {"first_name": account.first_name, "last_name": account.last_name} if account else {}
    inviter = _inviter(event, actor)
    invite, is_new = EmailInvite.objects.get_or_create(
        event=event, email=email, defaults={"role": role, "created_by": inviter, **names}
    )
    if is_new:
        if account is None:
            code_for(invite, user=inviter, actor=actor)
        _announce(event, invite, actor, suppress_mail)
    return is_new


def _inviter(event: Event, actor: Actor) -> User:
    """Who stands in the mail: the acting user, or the creator where staff or a job acts."""
    is_person = actor.user is not None and actor.via != "admin"
    inviter: User = actor.user if is_person else event.created_by
    return inviter


def _announce(event: Event, invite: AnyInvite, actor: Actor, suppress_mail: bool) -> None:
    if event.sequence == event.uninvited_sequence:
        save_change(event, actor, fields=[])
    cause = record(
        InviteAdded(address=_address(invite), invitee_id=_invitee_id(invite), role=invite.role),
        actor=actor,
        subject=invite,
        before=Circle(owner=event.created_by_id),
        after=_circle(event, invite),
        place=place(event),
    )
    if not suppress_mail:
        mails.invited(event, [invite], actor=actor, inviter=invite.created_by, cause=cause)


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
    _change_role(event, invite, role and (_user_role(role) if user_invite else role), actor)


def _change_role(event: Event, invite: AnyInvite, role: str | None, actor: Actor) -> None:
    old = invite.role
    if role is None or role == old:
        return
    invite.role = role
    invite.save(update_fields=["role"])
    if isinstance(invite, EventInvite):
        agenda.sync(event, users=[invite.invitee_id])
    record(
        InviteUpdated(address=_address(invite), invitee_id=_invitee_id(invite), role=role),
        actor=actor,
        subject=invite,
        before=_circle(event, invite),
        after=_circle(event, invite),
        changes={"role": (old, role)},
        place=place(event),
    )


def _user_role(email_role: str) -> str:
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
        revoke_code(code=invite.invite_code, user=event.created_by, actor=actor, address=_address(invite))
    cause = record(
        InviteRemoved(address=_address(invite), invitee_id=_invitee_id(invite)),
        actor=actor,
        subject=invite,
        before=_circle(event, invite),
        after=Circle(owner=event.created_by_id),
        place=place(event),
    )
    if not suppress_mail:
        mails.uninvited(event, invite, actor=actor, cause=cause, now=timezone.now())
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
    is_stale: bool = False  # it answers to a time that the event has no more


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
    proposal: Proposal | None = None,
    received: Received | None = None,
) -> Reply:
    """Records an answer to the whole series, or to one occurrence by its original start; the last one counts.

    A stale one is kept, and changes nothing else. Raises NotFound where the event was deleted meanwhile, Forbidden
    where the invitation was taken back.
    """
    event = locked(invite.event)
    invite = _as_it_is_now(event, invite)
    received = received or Received(sequence=event.sequence, dtstamp=timezone.now())
    proposed = {f"proposed_{name}": value for name, value in asdict(proposal).items()} if proposal else {}
    reply = Reply.objects.create(
        event_invite=invite if isinstance(invite, EventInvite) else None,
        email_invite=invite if isinstance(invite, EmailInvite) else None,
        event_id=event.pk,
        invited_address=_address(invite),
        address=address or _address(invite),
        status=status,
        comment=comment,
        occurrence=occurrence,
        via=via,
        **proposed,
        **asdict(received),
    )
    if reply.is_stale:
        return reply
    if occurrence is None:
        type(invite).objects.filter(pk=invite.pk).update(status=status)
        invite.status = status
        if isinstance(invite, EventInvite):
            agenda.sync(event, users=[invite.invitee_id])
    record(
        InviteAnswered(
            address=reply.address,
            invitee_id=_invitee_id(invite),
            status=status,
            comment=comment,
            occurrence=instance_id(occurrence) if occurrence else None,
        ),
        actor=actor,
        subject=invite,
        before=_circle(event, invite),
        after=_circle(event, invite),
        place=place(event),
    )
    return reply


def _as_it_is_now(event: Event, invite: AnyInvite) -> AnyInvite:
    """The row under the event's lock; its owner may have claimed it by the first sign-in. Raises Forbidden."""
    found: AnyInvite | None = type(invite).objects.filter(pk=invite.pk).first()
    found = found or event.invites.filter(token_nonce=invite.token_nonce).first()
    if found is None:
        raise Forbidden
    return found


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
                "role": _user_role(invite.role),
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
            before=Circle(owner=event.created_by_id) if is_new else _circle(event, claimed),
            after=_circle(event, claimed),
            place=place(event),
        )
    elif invite.invite_code is not None:
        revoke_code(code=invite.invite_code, user=user, actor=actor, address=invite.email)
    invite.delete()
    agenda.sync(event, users=[user.pk])
    return True


def visible_invitee(event: Event, user_id: Any) -> User:
    """Somebody of the event's tenant; 404 for everybody else."""
    invitee = visible(event.created_by).filter(pk=user_id).first()
    if invitee is None:
        raise NotFound
    return invitee


def _circle(event: Event, invite: AnyInvite) -> Circle:
    """The people of an invitation: whoever planned the event and the account invited."""
    invitee = frozenset({invite.invitee_id}) if isinstance(invite, EventInvite) else frozenset()
    return Circle(owner=event.created_by_id, readers=invitee)


def _invitee_id(invite: AnyInvite) -> str | None:
    return str(invite.invitee_id) if isinstance(invite, EventInvite) else None


def _address(invite: AnyInvite) -> str:
    return invite.invitee.email if isinstance(invite, EventInvite) else invite.email
