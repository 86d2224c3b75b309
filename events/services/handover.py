"""A meeting gets another organizer: it becomes that person's, with its room and all parts of its series."""

import uuid
from copy import copy
from typing import Any

from django.db import transaction
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle
from activity.changes import assign, between, in_json
from activity.kinds import EventHandedOver, EventUpdated
from activity.log import record
from events import agenda, answers, handover_mails
from events.access import circle, is_held, place
from events.models import Event, Favorite
from events.services import digests
from events.services.events import locked_parts, organizer_columns, save_change
from events.services.snapshots import snapshot
from invites.models import EventInvite, Status
from invites.services import revoke_code
from rest.errors import Conflict
from rooms.services import hand_over_room
from users.models import User


class UnfitOrganizer(Conflict):
    code = "unfit_organizer"
    default_detail = "The new organizer must be somebody of the same tenant who has used the site and is not disabled"


@transaction.atomic
def hand_over(*, event: Event, to: User, actor: Actor, keeps_former: bool, suppress_mail: bool = False) -> None:
    """`keeps_former`: whether the organizer until now stays invited, unless disabled. Answers stay.

    Raises UnfitOrganizer, NotFound.
    """
    to = _fit(event, to)
    parts = locked_parts(event)
    former = parts[0].created_by
    if former == to:
        return
    before = {part.pk: circle(part) for part in parts}
    hand_over_room(room=parts[0].room, to=to, actor=actor)
    for part in parts:
        part.room.created_by = to
        _hand_over(part, to, actor, before[part.pk], stays=keeps_former and former.is_active, mails=not suppress_mail)


def _fit(event: Event, to: User) -> User:
    """The person's row, held before the event's: nobody disables it meanwhile."""
    fit = User.objects.registered().of_tenant(event.tenant_id).select_for_update(no_key=True, of=("self",))
    found: User | None = fit.select_related("tariff").filter(pk=to.pk).first()
    if found is None:
        raise UnfitOrganizer
    return found


def _hand_over(part: Event, to: User, actor: Actor, before: Circle, *, stays: bool, mails: bool) -> None:
    was = copy(part)
    was_invited = _uninvite(part, to, actor)
    _let_go(part, was.created_by, to, stays=stays)
    columns = {"created_by": to} | _organizer(part, to)
    changes = between({name: getattr(part, name) for name in columns}, columns)
    assign(part, changes)
    if not stays:
        part.uninvited_sequence = part.sequence + 1
    save_change(part, actor, fields=[*changes, "uninvited_sequence"])
    was.sequence, was.updated_at = part.sequence, part.updated_at
    digests.pass_on(event=part, former=was.created_by)
    agenda.sync(part)
    causes = _record(part, was, actor, before, changes)
    # Where another program named the organizer, nobody in it sees a change.
    if mails and changes.keys() > {"created_by"} and is_held(part, timezone.now()):
        handover_mails.handed_over(
            part, was, changes=changes, actor=actor, was_invited=was_invited, causes=causes, now=timezone.now()
        )


def _uninvite(part: Event, to: User, actor: Actor) -> bool:
    """Whose meeting it is is not invited to it; False where that person was not."""
    invite = part.invites.select_related("invite_code__room").filter(invitee=to).first()
    if invite is None:
        return False
    if invite.invite_code is not None:
        revoke_code(code=invite.invite_code, user=to, actor=actor, address=to.email)
    answers.overtake(event_invite=invite)
    invite.delete()
    return True


def _let_go(part: Event, former: User, to: User, *, stays: bool) -> None:
    if stays:
        given = {"status": Status.ACCEPTED, "created_by": to}
        EventInvite.objects.get_or_create(event=part, invitee=former, defaults=given)
    else:
        Favorite.objects.filter(event=part, user=former).delete()


def _organizer(part: Event, to: User) -> dict[str, Any]:
    """The columns that calendars see. The address stays where it is the meeting's own, or another program named it.

    Where it is the former organizer's it becomes another one, and so the UID too: for Exchange two ORGANIZERs are two
    meetings (docs/architecture.md).
    """
    if part.calendar_properties is not None:
        return {}
    name = {"organizer_name": to.get_full_name() or to.display_name}
    if part.reply_token or part.organizer_address == to.email:
        return name
    return name | {"uid": str(uuid.uuid4())} | organizer_columns(to.email)


def _record(
    part: Event, was: Event, actor: Actor, before: Circle, changes: dict[str, tuple[Any, Any]]
) -> tuple[uuid.UUID, uuid.UUID | None]:
    """Two things happened where calendars get a new entry, and each is the cause of mails."""
    people = circle(part)
    taken_out = {"uid", "organizer_address", "reply_token"}
    told: dict[str, Any] = {"actor": actor, "subject": part, "place": place(part), "after": people}
    values = snapshot(part, people)
    first = record(
        EventHandedOver(
            **values,
            former_creator_id=str(was.created_by_id),
            former_organizer=str(was.created_by),
            organizer=str(part.created_by),
        ),
        before=before,
        changes=in_json({name: pair for name, pair in changes.items() if name not in taken_out}),
        **told,
    )
    if part.uid == was.uid:
        return first, None
    renamed = {name: pair for name, pair in changes.items() if name in {"uid", "organizer_address"}}
    second = record(EventUpdated(**values), before=people, changes=in_json(renamed), **told)
    # Calendars without a time have no entry that one could take out.
    return first, second if part.starts_at is not None else None
