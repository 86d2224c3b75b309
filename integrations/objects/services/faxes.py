"""Use cases of faxes, beside their upload."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from activity.actors import Actor
from activity.log import record
from activity.media_kinds import FaxReported
from integrations.objects.access import place
from integrations.objects.models.contents import FaxReport
from integrations.objects.models.objects import Object
from integrations.objects.services.locking import locked
from integrations.objects.services.uploads import snapshot, unchanged
from rest.errors import Conflict
from rest.renderers import timestamp


@transaction.atomic
def report_fax(
    *,
    fax: Object,
    actor: Actor,
    report_id: uuid.UUID,
    incoming: bool,
    sender: str,
    recipient: str,
    time_start: datetime,
    status: str,
    time_end: datetime | None = None,
    sip_status_code: int | None = None,
    fax_error_code: int | None = None,
) -> FaxReport:
    """What a gateway says of one transmission; the same `report_id` again replaces what it said before.

    Raises NotFound, and Conflict where another fax has this report.
    """
    fax = locked(fax)
    columns = {
        "incoming": incoming,
        "sender": sender,
        "recipient": recipient,
        "time_start": time_start,
        "time_end": time_end,
        "status": status,
        "sip_status_code": sip_status_code,
        "fax_error_code": fax_error_code,
    }
    try:
        report, _is_new = FaxReport.objects.update_or_create(pk=report_id, fax=fax, defaults=columns)
    except IntegrityError:
        raise Conflict("Another fax has a report with this id") from None
    times = {"time_start": timestamp(time_start), "time_end": timestamp(time_end) if time_end else None}
    kind = FaxReported(**snapshot(fax), report_id=str(report_id), **columns | times)  # type: ignore[arg-type]
    record(kind, actor=actor, subject=fax, place=place(fax), **unchanged(fax))
    return report
