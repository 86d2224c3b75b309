"""What is kept of streams: COSPACE_EVENT_HOURS and COSPACE_EVENTS_KEPT of each session, and no session that is over."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from integrations.cospace import sessions
from integrations.cospace.models import PassingEvent, Session, StreamEvent


def prunable_events() -> QuerySet[StreamEvent]:
    before = timezone.now() - timedelta(hours=settings.COSPACE_EVENT_HOURS)
    most = settings.COSPACE_EVENTS_KEPT
    too_many = Q(session__next_number__gt=most, number__lt=F("session__next_number") - most)
    return StreamEvent.objects.filter(Q(created_at__lt=before) | too_many)


def prune_events(*, limit: int) -> int:
    oldest = prunable_events().order_by("pk").values("pk")[:limit]
    return StreamEvent.objects.filter(pk__in=oldest).delete()[0]


def prunable_passing() -> QuerySet[PassingEvent]:
    """What no client has read for as long, what is more than so many of a session, and what ended sessions left."""
    before = timezone.now() - timedelta(hours=settings.COSPACE_EVENT_HOURS)
    newest_first = [F("at").desc(), F("pk").desc()]
    waiting = PassingEvent.objects.annotate(
        place=Window(RowNumber(), partition_by="session_id", order_by=newest_first),
        has_session=Exists(Session.objects.filter(pk=OuterRef("session_id"))),
    )
    is_old = Q(at__lt=int(before.timestamp() * 1_000_000))
    return waiting.filter(is_old | Q(place__gt=settings.COSPACE_EVENTS_KEPT) | Q(has_session=False))


def prune_passing(*, limit: int) -> int:
    oldest = prunable_passing().order_by("at", "pk").values("pk")[:limit]
    return PassingEvent.objects.filter(pk__in=oldest).delete()[0]


def prunable_sessions() -> QuerySet[Session]:
    return sessions.over()


def prune_sessions(*, limit: int) -> int:
    """With their events."""
    found = prunable_sessions().order_by("last_call_at").values_list("pk", flat=True)[:limit]
    with transaction.atomic():
        held = list(sessions.locked(found).values_list("pk", flat=True))
        # Not one that somebody uses again since.
        return prunable_sessions().filter(pk__in=held).delete()[1].get("cospace.Session", 0)
