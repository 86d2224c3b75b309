"""Use cases of guest codes. The events app, which owns invitations, calls code_for and revoke_code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.log import Entry, record, record_all
from activity.room_kinds import CodeCreated, CodeRevoked, CodeUpdated
from invites.access import codes_of
from invites.models import EmailInvite, InviteCode
from rest.errors import NotFound
from rest.pagination import DEFAULT_PER_PAGE
from rest.renderers import timestamp
from rooms.access import place
from rooms.models import Room
from rooms.services import locked
from users.models import User


@transaction.atomic
def create_code(*, room: Room, user: User, actor: Actor, expiration: datetime | None = None) -> InviteCode:
    """A guest code for the room. The permanent one exists once: asking again answers with it.

    The frontend repeats this request without pause if the response is not what it expects (contract 5.2).
    Raises NotFound.
    """
    room = locked(room)  # two of these requests at once follow each other
    permanent = codes_of(room).filter(active=True, expiration=None).first() if expiration is None else None
    if permanent is None:
        return _create_code(room, user, actor, expiration=expiration)
    # The frontend looks for it on the first page alone, and repeats the request while it is not there.
    if codes_of(room).filter(updated_at__gt=permanent.updated_at).count() >= DEFAULT_PER_PAGE:
        _set(permanent, user)
    return permanent


def _create_code(room: Room, user: User, actor: Actor, *, expiration: datetime | None, address: str = "") -> InviteCode:
    code = InviteCode.objects.create(room=room, created_by=user, updated_by=user, expiration=expiration)
    record(
        CodeCreated(expiration=_text(expiration), address=address),
        actor=actor,
        subject=room,  # as for everything else in it
        place=place(room),
        after=Circle(owner=room.created_by_id),
    )
    return code


@transaction.atomic
def update_code(*, code: InviteCode, user: User, actor: Actor, expiration: datetime | None) -> InviteCode:
    """Sets when the code expires, None for never; one that was revoked stays so. Raises NotFound."""
    try:
        code.refresh_from_db(fields=["expiration"], from_queryset=InviteCode.objects.select_for_update(no_key=True))
    except InviteCode.DoesNotExist:
        raise NotFound from None
    old = code.expiration
    _set(code, user, expiration=expiration)
    changes = {"expiration": (_text(old), _text(expiration))}
    owner = Circle(owner=code.room.created_by_id)
    record(
        CodeUpdated(expiration=_text(expiration)),
        actor=actor,
        subject=code.room,
        place=place(code.room),
        before=owner,
        after=owner,
        changes=changes,
    )
    return code


def _set(code: InviteCode, user: User, **values: Any) -> None:
    values |= {"updated_by": user, "updated_at": timezone.now()}
    if not InviteCode.objects.filter(pk=code.pk).update(**values):
        raise NotFound
    for name, value in values.items():
        setattr(code, name, value)


def _text(expiration: datetime | None) -> str | None:
    return timestamp(expiration) if expiration else None


def make_codes(invites: Sequence[EmailInvite], *, room: Room, user: User, actor: Actor) -> None:
    """A code for each of these new invitations to one room, in as many statements as for one."""
    codes = [InviteCode(room=room, created_by=user, updated_by=user) for _invite in invites]
    InviteCode.objects.bulk_create(codes)
    entries = [
        Entry(
            kind=CodeCreated(expiration=None, address=invite.email),
            subject=room,  # the code's own id would be the code
            place=place(room),
            after=Circle(owner=room.created_by_id),
        )
        for invite in invites
    ]
    record_all(entries, actor=actor)
    for invite, code in zip(invites, codes, strict=True):
        invite.invite_code = code


@transaction.atomic(savepoint=False)  # asked once for each receiver of a mail
def code_for(invite: EmailInvite, *, user: User, actor: Actor) -> InviteCode:
    """The code made for this address, a new one where there is none or it is no longer valid."""
    if invite.invite_code is None or not invite.invite_code.is_valid():
        invite.invite_code = _create_code(invite.event.room, user, actor, expiration=None, address=invite.email)
        if not invite._state.adding:
            invite.save(update_fields=["invite_code"])
    return invite.invite_code


@transaction.atomic
def revoke_code(*, code: InviteCode, user: User, actor: Actor, address: str = "") -> None:
    """Makes the code invalid; its row is kept as history."""
    is_changed = InviteCode.objects.filter(pk=code.pk, active=True).update(
        active=False, updated_by=user, updated_at=timezone.now()
    )
    if is_changed:
        owner = Circle(owner=code.room.created_by_id)
        kind = CodeRevoked(address=address)
        record(kind, actor=actor, subject=code.room, place=place(code.room), before=owner, after=owner)
