"""What is kept of streams: COSPACE_EVENT_HOURS and COSPACE_EVENTS_KEPT of each session, and no session that is over."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from integrations.cospace import sessions
from integrations.cospace.models import Session, StreamEvent


def prunable_events() -> QuerySet[StreamEvent]:
    before = timezone.now() - timedelta(hours=settings.COSPACE_EVENT_HOURS)
    most = settings.COSPACE_EVENTS_KEPT
    too_many = Q(session__next_number__gt=most, number__lt=F("session__next_number") - most)
    return StreamEvent.objects.filter(Q(created_at__lt=before) | too_many)


def prune_events(*, limit: int) -> int:
    oldest = prunable_events().order_by("pk").values("pk")[:limit]
    return StreamEvent.objects.filter(pk__in=oldest).delete()[0]


def prunable_sessions() -> QuerySet[Session]:
    return sessions.over()


def prune_sessions(*, limit: int) -> int:
    """With their events."""
    gone = list(prunable_sessions().order_by("last_call_at").values_list("pk", flat=True)[:limit])
    # Not one that somebody uses again since.
    return prunable_sessions().filter(pk__in=gone).delete()[1].get("cospace.Session", 0)
