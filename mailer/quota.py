"""How many mails a tenant may send on a day (UTC): MAIL_TENANT_DAILY_QUOTA, counted by a row per tenant and day.

A mail counts once, when a worker first takes it. What staff send again is not held by the quota and does not count.
"""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from mailer.ledger import one
from mailer.models import OutgoingMail, TenantMails
from site_settings.values import present


@transaction.atomic
def take(mail: OutgoingMail) -> bool:
    """Whether the mail may go today. Exact, however many workers ask at once."""
    limit, today = present("MAIL_TENANT_DAILY_QUOTA"), _today()
    if not limit or mail.tenant_id is None or mail.counted_on or mail.resent_at:
        return True
    row, is_first = TenantMails.objects.get_or_create(tenant_id=mail.tenant_id, day=today)
    if is_first:
        TenantMails.objects.filter(tenant_id=mail.tenant_id, day__lt=today).delete()
    if not TenantMails.objects.filter(pk=row.pk, count__lt=limit).update(count=F("count") + 1):
        return False
    one(mail).update(counted_on=today)
    return True


def used(tenant_id: uuid.UUID) -> int:
    row = TenantMails.objects.filter(tenant_id=tenant_id, day=_today()).first()
    return row.count if row else 0


def next_day() -> datetime:
    return datetime.combine(_today() + timedelta(days=1), time(), UTC)


def _today() -> date:
    return timezone.now().date()
