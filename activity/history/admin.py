"""The history of any object in the admin: the log, in place of Django's own list of what staff did."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from activity import setup
from activity.actors import Actor
from activity.audiences import Place
from activity.history.entries import Entry, entries
from activity.models import Activity, id_in_log
from staff.tenancy import visible

PER_PAGE = 50


class HistoryAdmin(admin.ModelAdmin):
    """Mixed into every admin of the site (activity/apps.py)."""

    has_history = True  # False for what only lists what happened elsewhere
    trail = ""  # what the link says to all that the log has of the row, as something else than its history
    history_told: Any = ""  # what the history has, where that is not simply the row's own
    called_with: tuple[str, ...] = ()  # what `called` reads of other tables

    def called(self, row: Any) -> str:
        """The name by which people know the row."""
        return str(row)

    def page_of(self, row: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def history_of(self, row: Any) -> QuerySet[Activity]:
        """What the log has of the row."""
        return Activity.objects.filter(subject_id=id_in_log(row), subject_type=self.opts.model_name)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """For rows that no service of an app writes: as the form has them, and one activity."""
        changes = {name: (form.initial.get(name), form.cleaned_data[name]) for name in form.changed_data}
        setup.save_row(row=obj, actor=Actor.by_admin(request.user), changes=changes, place=self._place(obj))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        setup.delete_row(row=obj, actor=Actor.by_admin(request.user), place=self._place(obj))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _place(self, row: Model) -> Place:
        return Place(tenant_id=self.tenant_of(row))  # type: ignore[attr-defined] # staff.tenancy, which each admin has

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Services write the log. Django's own would be a second one, and says less."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        pass

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        pass

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        shows = {"has_history": self.has_history and may_look(request)}
        return super().changeform_view(request, object_id, form_url, shows | (extra_context or {}))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_history:
            raise Http404
        if not may_look(request) or not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        log = visible(request.user, self.history_of(row), "tenant_id").order_by("-position")
        paginator = self.get_paginator(request, log, PER_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        context = self.admin_site.each_context(request) | {
            "title": gettext("History: %(object)s") % {"object": self.called(row)},
            "entries": entries(page, request),
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "object": row,
            "trail": self.trail,
            "history_told": self.history_told,
            "module_name": capfirst(str(self.opts.verbose_name_plural)),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context | (extra_context or {}))


def may_look(request: HttpRequest) -> bool:
    return bool(admin.site._registry[Activity].has_view_permission(request))


def latest(log: QuerySet[Activity], request: HttpRequest, *, count: int) -> list[Entry]:
    return entries(visible(request.user, log, "tenant_id").order_by("-position")[:count], request)
