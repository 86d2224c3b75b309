"""What gateways report of a fax: told to who reads it, and kept with it."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from activity.actors import Actor
from integrations.objects.models import FaxReport, Object
from integrations.objects.services.faxes import report_fax
from rest.errors import Conflict, NotFound
from tests.integrations.cospace.client import STREAMS
from tests.integrations.cospace.media import People, people

__all__ = ["people"]
pytestmark = STREAMS
GATEWAY = Actor.by_service("fax gateway")
REPORT = uuid.UUID("7b149600-5921-11e0-b85f-0024e8f90cc0")
SENT: dict[str, Any] = {
    "incoming": False,
    "sender": "+492216689711",
    "recipient": "+492216689712",
    "time_start": datetime(2026, 11, 22, 9, tzinfo=UTC),
    "status": "sending",
}


def test_report_is_told_and_news_of_it_replace_it(people: People) -> None:
    made = people.shared("fax")
    fax = Object.objects.get(pk=made)
    report_fax(fax=fax, actor=GATEWAY, report_id=REPORT, **SENT)
    told = {
        "incoming": False, "from": "+492216689711", "to": "+492216689712", "time_start": 1795338000, "status": "sending"
    }  # fmt: skip
    assert people.told("fax_report") == [{"fax": made, "report": {str(REPORT): told}}]
    end = {"time_end": datetime(2026, 11, 22, 9, 5, tzinfo=UTC), "sip_status_code": 200, "fax_error_code": 0}
    report_fax(fax=fax, actor=GATEWAY, report_id=REPORT, **SENT | end | {"status": "ok"})
    told |= {"time_end": 1795338300, "sip_status_code": 200, "fax_error_code": 0, "status": "ok"}
    assert people.told("fax_report") == [{"fax": made, "report": {str(REPORT): told}}]
    assert people.reader.get(f"/api/fax/{made}")["fax"]["report"] == {str(REPORT): told}
    assert FaxReport.objects.count() == 1


def test_report_belongs_to_one_fax_that_is_there(people: People) -> None:
    first, second = (Object.objects.get(pk=people.shared("fax")) for _number in range(2))
    report_fax(fax=first, actor=GATEWAY, report_id=REPORT, **SENT)
    with pytest.raises(Conflict):
        report_fax(fax=second, actor=GATEWAY, report_id=REPORT, **SENT)
    people.owner.delete(f"/api/fax/{second.pk}")
    with pytest.raises(NotFound):
        report_fax(fax=second, actor=GATEWAY, report_id=uuid.uuid4(), **SENT)
