"""Folders that are to go at the file service."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from events.models import FolderDeletion
from staff.admin import ReadOnlyAdmin


class FolderDeletionAdmin(ReadOnlyAdmin):
    """Folders that the file service has not deleted yet; a row is removed with its folder."""

    has_history = False
    list_display = ("path", "created_at", "state", "tried_at", "last_error")
    list_filter = (("tried_at", admin.EmptyFieldListFilter),)
    search_fields = ("path",)
    search_help_text = _("A part of the path, such as the id of the event")
    fields = readonly_fields = list_display
    ordering = ("created_at",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """An event's id stands in the path."""
        return admin.ModelAdmin.get_search_results(self, request, queryset, search_term)

    @admin.display(description=_("state"), ordering="tried_at")
    def state(self, deletion: FolderDeletion) -> str:
        return gettext("failed, will be retried") if deletion.tried_at else gettext("waiting")
