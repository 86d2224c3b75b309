"""Use cases of live presentations: start, join, show a page, point, hand over, leave, stop; and who is still there.

Each change is made under the lock of the presentation's object. Start and stop are in the log; all else passes.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.log import record
from activity.media_kinds import PresentationStarted, PresentationStopped
from integrations.objects.access import circle, place
from integrations.objects.models.contents import Content
from integrations.objects.models.objects import Object
from integrations.objects.models.presenting import LivePresentation, PresentationMember
from integrations.objects.services.locking import locked, locked_all
from integrations.objects.services.uploads import snapshot, unchanged
from integrations.objects.signals import passing
from rest.errors import Conflict, Forbidden, field_error
from users.models import User

# Members are asked every 30 seconds (settings.CELERY_BEAT_SCHEDULE); who leaves three of them unanswered is gone.
SILENCE = timedelta(seconds=100)
POINTER = ("x", "y", "visible")


class NotLive(Conflict):
    default_detail = "The presentation is not live"


def status_of(presentation_id: uuid.UUID) -> dict[str, Any] | None:
    """The members of presentation_status; None of one that is not live."""
    live = LivePresentation.objects.filter(pk=presentation_id).first()
    return _status(live) if live else None


def _status(live: LivePresentation) -> dict[str, Any]:
    members = PresentationMember.objects.filter(presentation=live).values_list("user", flat=True)
    return {
        "presentation": str(live.pk),
        "page": live.page,
        "x": live.x,
        "y": live.y,
        "visible": live.visible,
        "moderator": str(live.moderator_id),
        "member": [str(member) for member in members],
    }


@transaction.atomic
def start_presentation(*, presentation: Object, user: User, actor: Actor) -> LivePresentation:
    """The user is its first member and moderator. Raises Conflict where it is live already or has no pages yet."""
    presentation = locked(presentation)
    if LivePresentation.objects.filter(pk=presentation.pk).exists():
        raise Conflict("The presentation is live already")
    if not Content.objects.filter(pk=presentation.pk, state=Content.State.DONE).exists():
        raise Conflict("The presentation has no pages: nothing was uploaded, or it is not converted yet")
    live = LivePresentation.objects.create(presentation=presentation, moderator=user)
    PresentationMember.objects.create(presentation=live, user=user)
    kind = PresentationStarted(**snapshot(presentation), user_id=str(user.pk))
    record(kind, actor=actor, subject=presentation, place=place(presentation), **unchanged(presentation))
    _send("presentation_status", live.pk, _status(live), user_ids=None, key="")
    return live


@transaction.atomic
def join_presentation(*, presentation: Object, user: User) -> None:
    """Joining again is an answer to keepalive. Raises NotLive."""
    live = _live(presentation)
    if not _refresh(live, user):
        PresentationMember.objects.create(presentation=live, user=user)
        _tell("presentation_join", live, user=str(user.pk))


@transaction.atomic
def keep_alive(*, presentation: Object, user: User) -> None:
    """The answer to presentation_keepalive. Raises NotLive, Forbidden for who has not joined."""
    _live_with(presentation, user)


@transaction.atomic
def leave_presentation(*, presentation: Object, user: User, actor: Actor) -> None:
    """With the moderator's leave it ends. Raises NotLive, Forbidden for who has not joined."""
    live = _live_with(presentation, user)
    if live.moderator_id == user.pk:
        _stop(live, actor, user_id=str(user.pk))
    else:
        _leave(live, [user.pk])


@transaction.atomic
def stop_presentation(*, presentation: Object, user: User, actor: Actor) -> None:
    """By the moderator. Raises NotLive, Forbidden."""
    live = _moderated(presentation, user)
    _stop(live, actor, user_id=str(user.pk))


@transaction.atomic
def update_presentation(*, presentation: Object, user: User, **changes: Any) -> None:
    """Changes page, x, y, visible, moderator (an id), by the moderator.

    Raises NotLive, Forbidden, and ValidationFailed for a page or a moderator that there is not.
    """
    live = _moderated(presentation, user)
    _check(live, changes)
    changed = {name: value for name, value in changes.items() if getattr(live, _column(name)) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(live, _column(name), value)
    live.save(update_fields=[_column(name) for name in changed])
    _tell_changes(live, changed)


def _column(name: str) -> str:
    return "moderator_id" if name == "moderator" else name


def _check(live: LivePresentation, changes: dict[str, Any]) -> None:
    last = Content.objects.filter(pk=live.pk).values_list("page_count", flat=True).first()
    if "page" in changes and not 1 <= changes["page"] <= (last or changes["page"]):
        raise field_error("page", "out_of_range", f"The presentation has {last} pages")
    if "moderator" in changes and not live.members.filter(user=changes["moderator"]).exists():
        raise field_error("moderator", "invalid_value", "The moderator must be a member of the presentation")


def _tell_changes(live: LivePresentation, changed: dict[str, Any]) -> None:
    """The pointer whole and apart: only its last place counts for who has not read the one before."""
    others = {name: value for name, value in changed.items() if name not in POINTER}
    if "moderator" in others:
        others["moderator"] = str(others["moderator"])
    if others:
        _tell("presentation_update", live, **others)
    if changed.keys() & set(POINTER):
        pointer = {name: getattr(live, name) for name in POINTER}
        _tell("presentation_update", live, key=f"pointer {live.pk}", **pointer)


# --- who is still there ---


def silent() -> QuerySet[LivePresentation]:
    """Live presentations with members who have not answered, or whose object lies in the trash."""
    is_quiet = Q(members__seen_at__lt=timezone.now() - SILENCE)
    gone = Q(presentation__deleted_at__isnull=False)
    return LivePresentation.objects.filter(is_quiet | gone).order_by().distinct()


def end_silent() -> int:
    """Members who are gone leave; without its moderator a presentation ends. Returns how many were looked at."""
    found = list(silent().values_list("pk", flat=True))
    for presentation_id in found:
        _end_silent(presentation_id)
    return len(found)


@transaction.atomic
def _end_silent(presentation_id: uuid.UUID) -> None:
    one = next(iter(locked_all([presentation_id])), None)
    live = LivePresentation.objects.filter(pk=presentation_id).first()
    if one is None or live is None:
        return
    live.presentation = one
    gone = list(live.members.filter(seen_at__lt=timezone.now() - SILENCE).values_list("user", flat=True))
    if one.deleted_at or live.moderator_id in gone:
        _stop(live, Actor.by_job("keep-presentations"), user_id=None)
    else:
        _leave(live, gone)


def ask_members() -> None:
    """presentation_keepalive to all members, each presentation in a transaction of its own."""
    members: dict[uuid.UUID, list[uuid.UUID]] = {}
    for presentation_id, user_id in PresentationMember.objects.order_by("presentation").values_list(
        "presentation", "user"
    ):
        members.setdefault(presentation_id, []).append(user_id)
    for presentation_id, user_ids in members.items():
        with transaction.atomic():
            _send(
                "presentation_keepalive",
                presentation_id,
                {"presentation": str(presentation_id)},
                user_ids=user_ids,
                key=f"keepalive {presentation_id}",
            )


# --- parts ---


def _live(presentation: Object) -> LivePresentation:
    presentation = locked(presentation)
    live = LivePresentation.objects.filter(pk=presentation.pk).first()
    if live is None:
        raise NotLive
    live.presentation = presentation
    return live


def _live_with(presentation: Object, user: User) -> LivePresentation:
    """Whatever a member sends says that it is still there."""
    live = _live(presentation)
    if not _refresh(live, user):
        raise Forbidden("Only members of the presentation may do this: join first")
    return live


def _moderated(presentation: Object, user: User) -> LivePresentation:
    live = _live_with(presentation, user)
    if live.moderator_id != user.pk:
        raise Forbidden("Only the moderator may do this")
    return live


def _refresh(live: LivePresentation, user: User) -> bool:
    return bool(live.members.filter(user=user).update(seen_at=timezone.now()))


def _leave(live: LivePresentation, user_ids: Sequence[uuid.UUID]) -> None:
    live.members.filter(user__in=user_ids).delete()
    for user_id in user_ids:
        _tell("presentation_leave", live, user=str(user_id))


def _stop(live: LivePresentation, actor: Actor, *, user_id: str | None) -> None:
    """Nobody is told that members leave: the stop says it."""
    one = live.presentation
    live.delete()
    kind = PresentationStopped(**snapshot(one), user_id=user_id)
    people = circle(one)
    record(kind, actor=actor, subject=one, place=place(one), before=people, after=people)


def _tell(event: str, live: LivePresentation, *, key: str = "", **members: Any) -> None:
    _send(event, live.pk, {"presentation": str(live.pk)} | members, user_ids=None, key=key)


def _send(
    event: str, presentation_id: uuid.UUID, data: dict[str, Any], *, user_ids: list[uuid.UUID] | None, key: str
) -> None:
    passing.send(LivePresentation, name=event, object_id=presentation_id, data=data, user_ids=user_ids, key=key)
