"""All kinds of reports."""

from integrations.producers.device_reports import DEVICE_REPORTS
from integrations.producers.kinds import REPORTED, Produced, registered


def every() -> dict[str, Produced]:
    """Those of the program, and those of staff in one statement."""
    return REPORTED | DEVICE_REPORTS | registered()
