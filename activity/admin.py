"""The log for staff: to read, filter and follow one object's history; never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from activity.kinds import KINDS
from activity.models import Activity
from staff.admin import ReadOnlyAdmin


class KindFilter(admin.SimpleListFilter):
    """From the catalogue: asking the table for its distinct kinds would read all of it."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(KINDS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("occurred_at", "kind", "actor_name", "via", "subject_type", "event_id")
    list_filter = (KindFilter, "via", "actor_kind")
    id_fields = ("id", "subject_id", "event_id", "room_id", "actor_id")
    search_fields = ("request_id__exact",)
    search_help_text = _("The id of an object, an event, a room, a person or a request")
    ordering = ("-position",)
    show_full_result_count = False
    fields = (
        "id", "occurred_at", "kind", "actor_name", "actor_kind", "actor_id", "via", "subject_type", "subject_id",
        "event_id", "room_id", "tenant_id", "what_changed", "data", "request_id", "position",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("changes"))
    def what_changed(self, activity: Activity) -> str:
        rows = ((field, old, new) for field, (old, new) in activity.changes.items())
        return format_html_join("", "<div>{}: {} → {}</div>", rows) or "-"
