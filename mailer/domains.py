"""Domains that take no mail for now, such as those that throttle. Kept in the database: every worker holds back."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from activity.actors import Actor
from activity.log import record
from activity.mail_kinds import DomainReleased
from database.compiled import Parameter
from mailer.models import HeldDomain


def held(now: datetime | Parameter) -> Any:
    """A subquery: the domains whose mails wait now."""
    return HeldDomain.objects.filter(held_until__gt=now).values("domain")


def was_held() -> Exists:
    """Of a mail: whether its domain refused the last one."""
    return Exists(HeldDomain.objects.filter(domain=OuterRef("domain")))


def hold(domain: str, error: str) -> timedelta:
    """For longer each time. Several workers that were refused at once count as one."""
    now = timezone.now()
    row, _is_new = HeldDomain.objects.get_or_create(domain=domain, defaults={"held_until": now})
    pause = HeldDomain.PAUSES[min(row.refusals, len(HeldDomain.PAUSES) - 1)]
    HeldDomain.objects.filter(domain=domain, held_until__lte=now).update(
        refusals=F("refusals") + 1, held_until=now + pause, last_error=error
    )
    return pause


def release(domain: str) -> None:
    HeldDomain.objects.filter(domain=domain).delete()


@transaction.atomic
def release_now(*, row: HeldDomain, actor: Actor) -> None:
    """By staff: its mails go with the next run."""
    record(DomainReleased(domain=row.domain), actor=actor, subject=row)
    release(row.domain)
