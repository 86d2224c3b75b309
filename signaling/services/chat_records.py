"""What was said in live meetings that are over: kept for staff for CHAT_DAYS, and where that is 0 not at all."""

from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from signaling.models import Entry, RoomSession

NAMESPACE = "chat"


def are_kept() -> bool:
    return settings.CHAT_DAYS > 0


def said_in(session: RoomSession) -> QuerySet[Entry]:
    """In the order in which it was said, in all places. What a moderator cleared is gone here too."""
    return session.entries.filter(namespace=NAMESPACE).order_by("pk")


def prunable() -> QuerySet[Entry]:
    over = timezone.now() - timedelta(days=settings.CHAT_DAYS)
    entries: QuerySet[Entry] = Entry.objects.filter(namespace=NAMESPACE, session__ended_at__lt=over)
    return entries


def prune(*, limit: int) -> int:
    oldest = list(prunable().order_by("pk").values_list("pk", flat=True)[:limit])
    return Entry.objects.filter(pk__in=oldest).delete()[0]
