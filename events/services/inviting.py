"""Invite people to a meeting, one or many: it takes as many statements for all of them as for one."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from activity.actors import Actor
from activity.audiences import Circle
from activity.kinds import InviteAdded
from activity.log import Entry, record_all
from calendars.addresses import canonical, spellings
from events import agenda, mails
from events.access import place
from events.models import Event
from events.services.events import locked, save_change
from invites.models import EmailInvite, EventInvite, Status
from invites.services import make_codes
from rest.errors import ApiError, Conflict, Forbidden, ServiceUnavailable
from rooms.guests import admits_guests
from site_settings.values import present
from users.addresses import hold_addresses
from users.directory import Account, is_failing
from users.models import User

AnyInvite = EventInvite | EmailInvite


class UnknownEmail(Conflict):
    code = "unknown_email"
    default_detail = "Only people with an account can be invited, and nobody has this e-mail address"


class NoGuests(Forbidden):
    code = "service_unavailable"
    default_detail = "Only people with an account can join this meeting"


@dataclass(frozen=True, kw_only=True)
class Guest:
    """A user, or a canonical address with its account where the directory knows one.

    `status`: what the person is known to have said before the invitation.
    """

    user: User | None = None
    address: str = ""
    account: Account | None = None
    is_moderator: bool = False
    status: str = Status.PENDING


@dataclass(frozen=True)
class Invited:
    """What became of a guest: a new invitation, the one that there was, or a refusal; the creator has none of them."""

    invite: AnyInvite | None = None
    is_new: bool = False
    refusal: type[ApiError] | None = None


@transaction.atomic
def invite_all(
    *,
    event: Event,
    guests: Sequence[Guest],
    actor: Actor,
    admits_outsiders: bool = False,
    suppress_mail: bool = False,
) -> list[Invited]:
    """An address is invited as its registered user, else by its account, else as an outsider where that is allowed.

    One answer for each guest, in their order. `admits_outsiders`: whatever the server and the room say; where guests
    cannot join, without a guest code. Raises NotFound.
    """
    addresses = [guest.address for guest in guests if guest.user is None]
    if addresses:
        hold_addresses(event.tenant_id, addresses)  # their owners may be signing in for the first time
    owners = _owners(event.tenant_id, addresses)
    party = _Party(locked(event), actor, admits_outsiders=admits_outsiders)
    party.read([guest.user or owners.get(guest.address) or guest.address for guest in guests])
    found = [party.invite(guest, guest.user or owners.get(guest.address)) for guest in guests]
    party.save(suppress_mail=suppress_mail)
    return found


def _owners(tenant_id: uuid.UUID, addresses: Iterable[str]) -> dict[str, User]:
    """The registered users who have these addresses; of several the first one."""
    wanted = {spelling for address in addresses for spelling in spellings(address)}
    if not wanted:
        return {}
    people = User.objects.registered().of_tenant(tenant_id).filter(email__in=wanted).order_by("-created_at")
    return {canonical(person.email): person for person in people}


class _Party:
    """The people of one call: who is in the meeting already, and who comes."""

    def __init__(self, event: Event, actor: Actor, *, admits_outsiders: bool) -> None:
        self.event, self.actor, self.admits_outsiders = event, actor, admits_outsiders
        self.inviter = _inviter(event, actor)
        self.admits_guests = admits_guests(event.room)
        self.known: dict[uuid.UUID | str, AnyInvite] = {}
        self.new: list[AnyInvite] = []
        self.outsiders: list[EmailInvite] = []  # those of them who need a guest code

    def read(self, people: Sequence[User | str]) -> None:
        """The invitations that they have already."""
        users = [person for person in people if isinstance(person, User)]
        emails = {spelling for person in people if isinstance(person, str) for spelling in spellings(person)}
        if users:
            self.known |= {invite.invitee_id: invite for invite in self.event.invites.filter(invitee__in=users)}
        if emails:
            self.known |= {
                canonical(invite.email): invite for invite in self.event.email_invites.filter(email__in=emails)
            }

    def invite(self, guest: Guest, user: User | None) -> Invited:
        if user is not None and user.pk == self.event.created_by_id:
            return Invited()
        key = user.pk if user else guest.address
        if key in self.known:
            return Invited(self.known[key])
        if user is None and (refusal := self._refusal(guest)):
            return Invited(refusal=refusal)
        invite = self._of_user(guest, user) if user else self._of_address(guest)
        self.known[key] = invite
        self.new.append(invite)
        return Invited(invite, is_new=True)

    def _refusal(self, guest: Guest) -> type[ApiError] | None:
        if guest.account is not None or self.admits_outsiders:
            return None
        if not present("EVENT_INVITE_EXTERNAL"):
            return ServiceUnavailable if is_failing() else UnknownEmail
        return None if self.admits_guests else NoGuests

    def _of_user(self, guest: Guest, user: User) -> EventInvite:
        role = EventInvite.Role.MODERATOR if guest.is_moderator else EventInvite.Role.USER
        return EventInvite(event=self.event, invitee=user, role=role, status=guest.status, created_by=self.inviter)

    def _of_address(self, guest: Guest) -> EmailInvite:
        account = guest.account
        invite = EmailInvite(
            event=self.event,
            email=guest.address,
            role=EmailInvite.Role.MODERATOR if guest.is_moderator else EmailInvite.Role.GUEST,
            status=guest.status,
            created_by=self.inviter,
            first_name=account.first_name if account else "",
            last_name=account.last_name if account else "",
        )
        invite.search_text = invite.searched()
        if account is None and self.admits_guests:
            self.outsiders.append(invite)
        return invite

    def save(self, *, suppress_mail: bool) -> None:
        if not self.new:
            return
        if self.outsiders:
            make_codes(self.outsiders, room=self.event.room, user=self.inviter, actor=self.actor)
        users = [invite for invite in self.new if isinstance(invite, EventInvite)]
        addresses = [invite for invite in self.new if isinstance(invite, EmailInvite)]
        if users:
            EventInvite.objects.bulk_create(users)
            agenda.sync(self.event, users=[invite.invitee_id for invite in users])
        if addresses:
            EmailInvite.objects.bulk_create(addresses)
        self._announce(suppress_mail=suppress_mail)

    def _announce(self, *, suppress_mail: bool) -> None:
        event = self.event
        if event.sequence == event.uninvited_sequence:
            save_change(event, self.actor, fields=[])
        entries = [
            Entry(
                kind=InviteAdded(address=address_of(invite), invitee_id=invitee_id_of(invite), role=invite.role),
                subject=invite,
                found_by=str(invite),
                before=Circle(owner=event.created_by_id),
                after=circle_of(event, invite),
                place=place(event),
            )
            for invite in self.new
        ]
        causes = record_all(entries, actor=self.actor)
        if not suppress_mail:
            mails.invited(event, self.new, actor=self.actor, inviter=self.inviter, causes=causes)


def _inviter(event: Event, actor: Actor) -> User:
    """Who stands in the mail: the acting user, or the creator where staff or a job acts."""
    is_person = actor.user is not None and actor.via != "admin"
    inviter: User = actor.user if is_person else event.created_by
    return inviter


def circle_of(event: Event, invite: AnyInvite) -> Circle:
    """The people of an invitation: whoever planned the event and the account invited."""
    invitee = frozenset({invite.invitee_id}) if isinstance(invite, EventInvite) else frozenset()
    return Circle(owner=event.created_by_id, readers=invitee)


def invitee_id_of(invite: AnyInvite) -> str | None:
    return str(invite.invitee_id) if isinstance(invite, EventInvite) else None


def address_of(invite: AnyInvite) -> str:
    return invite.invitee.email if isinstance(invite, EventInvite) else invite.email
