"""What is kept of deliveries that have ended: their bodies and the answers to them, for CALLBACK_BODY_DAYS."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from integrations.deliveries.keys import delete_expired
from integrations.deliveries.models import Delivery, DeliveryAttempt, Endpoint, KeyRing


def prunable() -> QuerySet[Delivery]:
    return Delivery.objects.filter(ended_at__lt=_before(), body__isnull=False)


@transaction.atomic
def prune(*, limit: int) -> int:
    """Removes bodies, answers, and keys that ended as long ago; that something was sent, and when, stays."""
    delete_expired(_before())
    rows = list(prunable().order_by("ended_at").values_list("pk", flat=True)[:limit])
    # Not where somebody has sent it again meanwhile.
    count = prunable().filter(pk__in=rows).update(body=None)
    DeliveryAttempt.objects.filter(delivery__in=rows, delivery__body=None).exclude(answer="").update(answer="")
    KeyRing.objects.filter(pk__in=list(removed().values_list("ring", flat=True)[:limit])).delete()
    return count


def removed() -> QuerySet[Endpoint]:
    """Endpoints whose webhooks were deleted as long ago: with their keys and what is left of their deliveries."""
    return Endpoint.objects.filter(disabled_for=Endpoint.DisabledFor.DELETED, disabled_at__lt=_before())


def _before() -> datetime:
    return timezone.now() - timedelta(days=settings.CALLBACK_BODY_DAYS)
