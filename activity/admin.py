"""The log for staff: to read, filter and follow one object's history; never to change."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity import search
from activity.exports import export_csv
from activity.history import trails
from activity.history.entries import entries, named_entries, type_of
from activity.history.wording import WORDING, name_of
from activity.models import Activity
from staff.admin import ReadOnlyAdmin

admin.site.add_action(export_csv)


class KindFilter(admin.SimpleListFilter):
    """From the catalogue: asking the table for its distinct kinds would read all of it."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((kind, name_of(kind)) for kind in WORDING), key=lambda item: item[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Activity]) -> QuerySet[Activity]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    tenant_path = "tenant_id"
    has_history = False
    list_display = ("when", "what_happened", "via")
    list_filter = (KindFilter, ("occurred_at", admin.DateFieldListFilter), "via")
    date_hierarchy = "occurred_at"
    search_fields = ("search_text",)  # that there is a search; get_search_results does it
    search_help_text = _("Names, addresses or titles, or the id of a person, an event, any object or a request")
    ordering = ("-position",)
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("what_happened", "occurred_at", "kind_name", "via", "actor_name", "actor_kind")}),
        (
            _("For programs"),
            {
                "classes": ("collapse",),
                "fields": (
                    "id", "position", "kind", "request_id", "actor_id", "subject", "subject_id", "event_id", "room_id",
                    "tenant_id",
                ),
            },
        ),
    )  # fmt: skip
    readonly_fields = (
        "what_happened", "occurred_at", "kind_name", "via", "actor_name", "actor_kind", "id", "position", "kind",
        "request_id", "actor_id", "subject", "subject_id", "event_id", "room_id", "tenant_id",
    )  # fmt: skip
    export_columns = {
        name: name
        for name in (
            "position", "occurred_at", "kind", "actor_name", "actor_kind", "actor_id", "via", "subject_type",
            "subject_id", "event_id", "room_id", "tenant_id", "changes", "data", "request_id",
        )
    }  # fmt: skip

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        rows = changelist.result_list = list(changelist.result_list)
        found, name = named_entries(rows, request, _as_id(changelist.query))
        for entry in found:
            entry.activity.entry = entry  # type: ignore[attr-defined]
        if name:
            changelist.title = gettext("Activity about %(object)s") % {"object": name}
        return changelist

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Activity], search_term: str) -> Any:
        """An id is that of anything; of a person it is what that person did and what concerned it."""
        text = search_term.strip()
        if not text:
            return queryset, False
        key = _as_id(text)
        condition = trails.of_id(key) if key else search.matching(text) | Q(request_id=text)
        return queryset.filter(condition), False

    @admin.display(description=_("time"), ordering="position")
    def when(self, activity: Activity) -> SafeString:
        return SafeString(render_to_string("admin/activity/time.html", {"activity": activity}))

    @admin.display(description=_("what happened"))
    def what_happened(self, activity: Activity) -> SafeString:
        # A list has told all of its rows at once; a page is about one.
        entry = getattr(activity, "entry", None) or entries([activity], activity.request)[0]  # type: ignore[attr-defined]
        return SafeString(render_to_string("admin/activity/entry.html", {"entry": entry}))

    @admin.display(description=_("kind"))
    def kind_name(self, activity: Activity) -> str:
        return name_of(activity.kind)

    @admin.display(description=_("subject type"))
    def subject(self, activity: Activity) -> str:
        return type_of(activity.subject_type)


def _as_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None
