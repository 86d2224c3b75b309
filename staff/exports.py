"""Which lists can be exported, and by whom. The action itself is in activity/exports.py: each export is recorded."""

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

EXPORT_LISTS = "users.export_lists"


class ExportRule(ModelAdmin):
    """Mixed in beside the tenant's rule. An admin that names no `export_columns` has no export."""

    export_columns: dict[str, str]  # by their header, where the value stands: fields, and those of relations by `__`

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.export_columns) and self.has_view_permission(request) and request.user.has_perm(EXPORT_LISTS)
