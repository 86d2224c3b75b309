"""Addresses that get no mail: it came back for good, its receiver complained, or staff say so."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import CharField
from django.utils import timezone

from activity.actors import Actor
from activity.log import record
from activity.mail_kinds import AddressSuppressed, SuppressionLifted
from calendars.addresses import canonical
from database.compiled import Compiled, Parameter
from mailer.models import SuppressedAddress


@transaction.atomic
def suppress(*, address: str, reason: str, actor: Actor, detail: str = "", at: datetime | None = None) -> bool:
    """False where it is suppressed already, or was lifted later than `at`: then the news is old."""
    at = min(at or timezone.now(), timezone.now())
    columns = {"reason": reason, "detail": detail, "since": at, "lifted_at": None, "lifted_by": ""}
    rows = SuppressedAddress.objects.select_for_update()
    row, is_new = rows.get_or_create(address=canonical(address), defaults=columns)
    if not is_new:
        if row.lifted_at is None or at < row.lifted_at:
            return False
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
    record(AddressSuppressed(address=row.address, reason=reason), actor=actor, subject=row)
    return True


@transaction.atomic
def lift(*, row: SuppressedAddress, actor: Actor) -> bool:
    """False where it is lifted already. What was withheld stays so until it is sent again; what is queued goes."""
    who = str(actor.user or actor.name)[:255]
    lifted = SuppressedAddress.objects.filter(pk=row.pk, lifted_at=None)
    if not lifted.update(lifted_at=timezone.now(), lifted_by=who):
        return False
    record(SuppressionLifted(address=row.address), actor=actor, subject=row)
    return True


def suppressed(addresses: Iterable[str]) -> dict[str, SuppressedAddress]:
    """Those of the addresses that are suppressed now, in one spelling."""
    wanted = {canonical(address) for address in addresses}
    return {row.address: row for row in SuppressedAddress.objects.filter(address__in=wanted, lifted_at=None)}


_ONE = Compiled(SuppressedAddress.objects.filter(address=Parameter("address", CharField()), lifted_at=None))


def suppression_of(address: str) -> SuppressedAddress | None:
    """The one in force. Asked for every mail, and for nearly every one the quick answer is that there is none."""
    key = canonical(address)
    return suppressed([key]).get(key) if _ONE.given(address=key).exists() else None
