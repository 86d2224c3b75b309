"""What happens to guest codes. Invitations belong to events, which calls code_for and revoke_code."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.kinds import CodeCreated, CodeRevoked
from activity.log import record
from invites.models import EmailInvite, InviteCode
from rest.renderers import timestamp
from rooms.models import Room
from users.models import User


@transaction.atomic
def create_code(*, room: Room, user: User, actor: Actor, expiration: datetime | None = None) -> InviteCode:
    """A guest code for the room. The permanent one exists once: asking again answers with it.

    The frontend repeats this request without pause when it dislikes the answer (contract 5.2).
    """
    if expiration is None:
        # Two of these requests at once wait for each other at the room's row.
        Room.objects.select_for_update().get(pk=room.pk)
        permanent = room.invite_codes.filter(active=True, expiration=None, emailinvites=None, eventinvites=None).first()
        if permanent is not None:
            return permanent
    return _create_code(room, user, actor, expiration=expiration)


def _create_code(room: Room, user: User, actor: Actor, *, expiration: datetime | None, address: str = "") -> InviteCode:
    code = InviteCode.objects.create(room=room, created_by=user, updated_by=user, expiration=expiration)
    record(
        CodeCreated(expiration=timestamp(expiration) if expiration else None, address=address),
        actor=actor,
        subject=room,  # the code's own id would be the code
        audience=[room.created_by_id],
        tenant_id=room.tenant_id,
        room_id=room.pk,
    )
    return code


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
    """The code opens no door any more; its row stays for the history."""
    is_changed = InviteCode.objects.filter(pk=code.pk, active=True).update(
        active=False, updated_by=user, updated_at=timezone.now()
    )
    if is_changed:
        record(
            CodeRevoked(address=address),
            actor=actor,
            subject=code.room,
            audience=[code.room.created_by_id],
            tenant_id=code.room.tenant_id,
            room_id=code.room_id,
        )
