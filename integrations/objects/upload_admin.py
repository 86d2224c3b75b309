"""Uploads for staff: what became of each conversion, and another try of what failed. The files are not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.models.contents import Content
from integrations.objects.services.uploads import retry_conversion
from staff.admin import ReadOnlyAdmin


@admin.register(Content)
class ContentAdmin(ReadOnlyAdmin):
    tenant_path = "object__owner__tenant_id"
    list_display = ("uploaded_at", "described", "type", "owner", "shown_size", "state", "problem", "page_count")
    list_filter = ("state", "problem")
    list_select_related = ("object__owner",)
    id_fields = ("object", "upload", "object__owner")
    search_fields = ("object__owner__email__startswith",)
    search_help_text = _("The beginning of the owner's address, or the id of an object or of its owner")
    ordering = ("-uploaded_at", "object")
    show_full_result_count = False
    fields = (
        "object_id", "described", "type", "owner", "filename", "shown_size", "mime_type", "md5", "uploaded_at",
        "uploaded_by", "state", "problem", "page_count", "attempts", "due_at", "converted_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("retry",)

    def called(self, row: Content) -> str:
        return row.object.description or str(row)

    called_with = ("object",)

    def history_of(self, row: Content) -> QuerySet[Activity]:
        """Of the object: its upload is a part of it."""
        return Activity.objects.filter(subject_id=row.pk, subject_type="object")

    @admin.display(description=_("description"))
    def described(self, row: Content) -> str:
        return self.called(row)

    @admin.display(description=_("type"), ordering="object__type")
    def type(self, row: Content) -> str:
        return row.object.get_type_display()

    @admin.display(description=_("owner"), ordering="object__owner__display_name")
    def owner(self, row: Content) -> str:
        return str(row.object.owner)

    @admin.display(description=_("size"), ordering="size")
    def shown_size(self, row: Content) -> str:
        return filesizeformat(row.size)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits an upload; another try is the change there is."""
        return bool(request.user.has_perm("objects.change_content"))

    @admin.action(description=_("Convert selected uploads again"), permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Those that failed."""
        actor = Actor.by_admin(request.user)
        count = sum(retry_conversion(content=row, actor=actor) for row in queryset)
        text = ngettext("%(count)d upload is converted again", "%(count)d uploads are converted again", count)
        self.message_user(request, text % {"count": count})
