"""Job runs for staff."""

from django.contrib import admin

from activity.admin import ReadOnlyAdmin
from operations.models import JobRun


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("job", "started_at", "finished_at", "state", "is_dry_run", "touched")
    list_filter = ("job", "state", "is_dry_run")
    ordering = ("-started_at",)
    show_full_result_count = False
