"""Tells people of new answers to the meetings that they planned, as often as each wants.

An answer is marked as untold in the transaction that records it. Whoever sends locks the rows of `Digest` that are due
and clears both in the transaction that queues the mail: of two schedulers each takes its own, nothing is lost or told
twice when one dies, and an answer that comes meanwhile waits for the lock and makes the next mail due.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.changes import assign
from activity.kinds import DigestUpdated
from activity.log import record
from calendars.times import from_wall, is_zone, to_wall
from events import digests
from events.digest_models import Digest
from events.models import Event
from invites.models import Reply
from mailer import outbox
from users.models import User

BATCH_SIZE = 20
_CAUSES = uuid.UUID("2f1d8a66-40a1-4f0e-8c5b-6a4f6c0f77d3")
Frequency = Digest.Frequency


def expect(*, event: Event, answered_by: User | None, is_urgent: bool) -> User | None:
    """Whom an answer that is recorded now will be told to; None where nobody wants to know, or knows.

    A proposal does not wait for the hour or the day: it asks for something. Needs a transaction.
    """
    owner = event.created_by
    if owner == answered_by or not event.sends_mails:
        return None
    digest = _held(owner)
    if digest.frequency == Frequency.OFF:
        return None
    due_at = _next(digest, owner, event.starts_at_zone, is_urgent=is_urgent)
    if digest.due_at is None or due_at < digest.due_at:
        Digest.objects.filter(pk=owner.pk).update(due_at=due_at)
    return owner


def _held(user: User) -> Digest:
    rows = Digest.objects.select_for_update()
    found = rows.filter(pk=user.pk).first()
    if found is None:
        Digest.objects.bulk_create([Digest(user=user)], ignore_conflicts=True)  # somebody else's answer may do the same
        found = rows.get(pk=user.pk)
    return found


def _next(digest: Digest, user: User, planned_zone: str, *, is_urgent: bool) -> datetime:
    now = timezone.now()
    if is_urgent or digest.frequency == Frequency.AT_ONCE:
        return now
    if digest.frequency == Frequency.HOURLY:
        return now + timedelta(hours=1)
    return next_day(now, digest.at, next(filter(is_zone, (user.time_zone, planned_zone)), "UTC"))


def next_day(now: datetime, at: time, zone: str) -> datetime:
    """When the clocks of the zone show `at` next."""
    wall = to_wall(now, zone)
    today = from_wall(datetime.combine(wall.date(), at), zone)
    return today if today > now else from_wall(datetime.combine(wall.date() + timedelta(days=1), at), zone)


def pass_on(*, event: Event, former: User) -> None:
    """What was to be told to whom the meeting belonged is told to its creator of now. Needs a transaction."""
    waiting = Reply.objects.filter(event_id=event.pk, untold_to=former)
    if waiting.exists():
        _held(former)  # whoever mails these answers now does so first, or finds them gone
        waiting.update(untold_to=expect(event=event, answered_by=None, is_urgent=False))


@transaction.atomic
def set_digest(*, user: User, actor: Actor, frequency: str, at: time | None = None) -> Digest:
    """None leaves the time of day. What waits follows the new choice; switched off, it is not told any more."""
    digest = _held(user)
    new = {"frequency": frequency, "at": digest.at if at is None else at}
    changes = {name: (getattr(digest, name), value) for name, value in new.items() if getattr(digest, name) != value}
    if not changes:
        return digest
    assign(digest, changes)
    if frequency == Frequency.OFF:
        digest.due_at = None
        Reply.objects.filter(untold_to=user).update(untold_to=None)
    elif digest.due_at is not None:
        digest.due_at = _next(digest, user, "", is_urgent=False)
    digest.save(update_fields=["frequency", "at", "due_at"])
    own = Circle(owner=user.pk)
    told = {name: (str(old), str(value)) for name, (old, value) in changes.items()}
    where = Place(tenant_id=user.tenant_id)
    record(DigestUpdated(), actor=actor, subject=user, place=where, before=own, after=own, changes=told)
    return digest


# --- by the job ---


def overdue(now: datetime) -> QuerySet[Digest]:
    """The rows of people whose mail is due."""
    return Digest.objects.filter(due_at__lte=now)


def send_due_digests() -> int:
    """Returns how many mails were queued."""
    now, sent = timezone.now(), 0
    while (found := _send_batch(now)) is not None:
        sent += found
    return sent


@transaction.atomic
def _send_batch(now: datetime) -> int | None:
    """None where nothing is due. Constant statements."""
    rows = list(overdue(now).select_for_update(skip_locked=True).order_by("due_at", "user")[:BATCH_SIZE])
    if not rows:
        return None
    people = [row.user_id for row in rows]
    untold = Reply.objects.filter(untold_to__in=people)
    along = untold.select_related("event_invite__invitee", "email_invite").order_by("received_at", "id")
    queued = [
        (message, {"cause": _cause(replies), "tenant_id": user.tenant_id})
        for user, replies, message in digests.built(list(along))
    ]
    outbox.enqueue_all(queued)
    # Whoever records another answer waits for the lock of its reader's row.
    untold.update(untold_to=None)
    Digest.objects.filter(pk__in=people).update(due_at=None)
    return len(queued)


def _cause(replies: Sequence[Reply]) -> uuid.UUID:
    """Nobody is told twice of the same last answer."""
    return uuid.uuid5(_CAUSES, str(replies[-1].pk))
