"""Job runs for staff."""

from django.contrib import admin
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from operations.models import JobRun
from staff.admin import ReadOnlyAdmin


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("job", "started_at", "took", "state", "is_dry_run", "touched")
    list_filter = ("job", "state", "is_dry_run")
    ordering = ("-started_at",)
    show_full_result_count = False

    @admin.display(description=_("seconds"))
    def took(self, run: JobRun) -> str:
        return "-" if run.duration is None else number_format(round(run.duration.total_seconds(), 1))
