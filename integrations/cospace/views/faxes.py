"""api/fax"""

from integrations.cospace.dialect import Json, seconds
from integrations.cospace.formats.registry import without_empty
from integrations.cospace.views.typed import ContentView, TypedListView, TypedView
from integrations.objects.models.contents import FaxReport
from integrations.objects.models.objects import Object

FAX = Object.Type.FAX.value
MOST_REPORTS = 100  # the latest


class FaxesView(TypedListView):
    of_type = FAX


class FaxView(TypedView):
    of_type = FAX

    def more(self, one: Object) -> Json:
        reports = one.fax_reports.order_by("-time_start", "id")[:MOST_REPORTS]
        return {"report": {str(report.pk): _told(report) for report in reports}}


class FaxContentView(ContentView):
    of_type = FAX


def _told(report: FaxReport) -> Json:
    """As in fax_report."""
    told = {
        "incoming": report.incoming,
        "from": report.sender,
        "to": report.recipient,
        "time_start": seconds(report.time_start),
        "status": report.status,
    }
    return told | without_empty(
        time_end=seconds(report.time_end) if report.time_end else None,
        sip_status_code=report.sip_status_code,
        fax_error_code=report.fax_error_code,
    )
