"""Begin a session, sign in to it, end it. A sid is 256 random bits, of which only the hash is kept."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from activity import reader, waking
from activity.actors import Actor
from activity.audiences import Circle, Place
from activity.log import record
from activity.reader_kinds import CospaceSessionEnded
from integrations.cospace.errors import NoSession
from integrations.cospace.models import Session
from rest.errors import TooManyRequests
from users.models import User

LONGEST = timedelta(days=30)
# Beyond these the session goes that was not used for the longest time.
MOST_OF_USER = 50
MOST_OF_NOBODY = 100  # of one address, in which nobody has signed in
# Nor does one go, before that, in which somebody may be about to sign in: the next one is refused.
TIME_TO_SIGN_IN = timedelta(minutes=2)
# More often than that a call is not noted: each would write the row.
NOTED_SECONDS = 15


@transaction.atomic
def begin(*, origin: str = "", address: str = "", user_agent: str = "") -> tuple[Session, str]:
    """A session in which nobody has signed in, and its sid, which nobody can read again. Raises TooManyRequests."""
    waiting = Session.objects.filter(user=None, address=address[:45]).order_by("-created_at", "-pk")
    if waiting.filter(created_at__gt=timezone.now() - TIME_TO_SIGN_IN).count() >= MOST_OF_NOBODY:
        raise TooManyRequests(TIME_TO_SIGN_IN.total_seconds())
    sid = secrets.token_urlsafe(32)
    session = Session.objects.create(
        sid_digest=digest(sid), origin=origin[:255], address=address[:45], user_agent=user_agent[:255]
    )
    _end_all(waiting[MOST_OF_NOBODY:], user=None)
    return session, sid


@transaction.atomic
def sign_in(*, session: Session, user: User) -> None:
    """The stream begins here: nothing is told that was committed before, unless beside something that still runs.

    The same person may sign in once more, which changes nothing in the stream. Where it is somebody else, all that was
    numbered so far goes. Raises NoSession where the session has ended meanwhile.
    """
    row = Session.objects.select_for_update(no_key=True).filter(pk=session.pk).first()
    if row is None:
        raise NoSession
    if row.user_id != user.pk:
        for rows in (row.events, row.passing, row.subscriptions):
            rows.all().delete()
        row.user = user
        row.transaction_id, row.position = reader.now()
    row.signed_in_at = row.last_call_at = timezone.now()
    row.save(update_fields=["user", "signed_in_at", "last_call_at", "transaction_id", "position"])
    others = Session.objects.filter(user=user).order_by("-last_call_at", "-pk")
    _end_all(others[MOST_OF_USER:], user=user)


@transaction.atomic
def end(*, session: Session) -> None:
    _end_all(Session.objects.filter(pk=session.pk))


@transaction.atomic
def terminate(*, session: Session, actor: Actor) -> bool:
    """By staff: its person learns of it. False where it has ended by itself."""
    row = Session.objects.select_for_update(of=("self",)).select_related("user").filter(pk=session.pk).first()
    if row is None:
        return False
    _end_all(Session.objects.filter(pk=row.pk))
    if row.user is not None:
        kind = CospaceSessionEnded(address=row.address, program=row.user_agent)
        own, place = Circle(owner=row.user.pk), Place(tenant_id=row.user.tenant_id)
        record(kind, actor=actor, subject=row.user, place=place, before=own, after=own)
    return True


def found(sid: str) -> Session | None:
    """None for a sid that was never given out, and for a session that has ended. One statement."""
    return _open(sid_digest=digest(sid))


def by_id(session_id: uuid.UUID) -> Session | None:
    """The same for somebody who found it before and waits."""
    return _open(pk=session_id)


def _open(**which: Any) -> Session | None:
    session = alive().select_related("user__tenant", "user__tariff").filter(**which).first()
    return session if session is not None and is_open(session) else None


def alive() -> QuerySet[Session]:
    """Those that did not expire."""
    now = timezone.now()
    return Session.objects.filter(last_call_at__gt=now - idle_time(), created_at__gt=now - LONGEST)


def is_open(session: Session) -> bool:
    """Not where the person was disabled, or signed out everywhere, since the sign-in."""
    user = session.user
    if user is None or session.signed_in_at is None:
        return True
    ended_at = user.sessions_ended_at
    return user.is_active and (ended_at is None or ended_at < session.signed_in_at)


def note_call(session: Session) -> None:
    """A session that is used does not expire."""
    now = timezone.now()
    if now - session.last_call_at > timedelta(seconds=NOTED_SECONDS):
        Session.objects.filter(pk=session.pk).update(last_call_at=now)
        session.last_call_at = now


def over() -> QuerySet[Session]:
    """Those that have expired, or whose person may not use them any more."""
    now = timezone.now()
    has_expired = Q(last_call_at__lte=now - idle_time()) | Q(created_at__lte=now - LONGEST)
    is_out = Q(user__disabled_since__isnull=False) | Q(user__sessions_ended_at__gte=F("signed_in_at"))
    return Session.objects.filter(has_expired | is_out)


def idle_time() -> timedelta:
    return timedelta(seconds=settings.COSPACE_IDLE_SECONDS)


def digest(sid: str) -> str:
    return hashlib.sha256(sid.encode(errors="replace")).hexdigest()


def locked(pks: Iterable[uuid.UUID], **still: Any) -> QuerySet[Session]:
    """Those of them that are `still` so, before anything of theirs is deleted: who numbers events holds the same rows,
    and would add to a session that goes.
    """
    rows = Session.objects.select_for_update(of=("self",)).filter(pk__in=list(pks), **still)
    return rows.order_by("pk")


def _end_all(sessions: QuerySet[Session], **still: Any) -> None:
    """Who waits for their events learns of it."""
    gone = list(locked(sessions.values_list("pk", flat=True), **still).values_list("pk", "user"))
    if gone:
        Session.objects.filter(pk__in=[pk for pk, _user in gone]).delete()
        waking.announce((user for _pk, user in gone if user is not None), at_once=True)
