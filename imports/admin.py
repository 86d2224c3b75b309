"""Imports for staff: upload, preview, confirmation, progress, result. One page shows a list in each of its states."""

import uuid
from collections import Counter
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.messages import SUCCESS, WARNING
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from imports import services, tasks
from imports.forms import UploadForm
from imports.kinds import KINDS, ImportKind, kind_of
from imports.links import may_import
from imports.models import Import, ImportRow
from imports.work import work
from staff.admin import ReadOnlyAdmin
from staff.tables.reading import TableError
from staff.tables.writing import download
from staff.tenancy import visible

SHOWN_ROWS = 100
State = Import.State


class KindFilter(admin.SimpleListFilter):
    title = _("list of")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, kind.label) for name, kind in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Import]) -> QuerySet[Import]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    tenant_path = "tenant_id"
    list_display = ("made_at", "what", "source", "told", "total", "made_by", "confirmed_by")
    list_filter = (KindFilter, "state")
    list_select_related = ("made_by", "confirmed_by")
    ordering = ("-made_at",)
    show_full_result_count = False
    fields = readonly_fields = ("kind",)

    @admin.display(description=_("list of"), ordering="kind")
    def what(self, job: Import) -> str:
        return str(KINDS[job.kind].label)

    @admin.display(description=_("state"), ordering="state")
    def told(self, job: Import) -> str:
        return gettext("stopped by an error") if job.error else job.get_state_display()

    def get_urls(self) -> list[Any]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("template/<str:import_kind>/", page(self.template_view), name="imports_import_template"),
            path("new/<str:import_kind>/", page(self.upload_view), name="imports_import_new"),
            path("new/<str:import_kind>/<uuid:about_id>/", page(self.upload_view), name="imports_import_new_about"),
            *super().get_urls(),
        ]

    def template_view(self, request: HttpRequest, import_kind: str) -> HttpResponseBase:
        """An example to fill in: the columns, and one row."""
        kind = _allowed(request, import_kind)
        fields = kind.fields_for(request.user)
        return download(kind.name, [field.name for field in fields], [[field.example for field in fields]])

    def upload_view(self, request: HttpRequest, import_kind: str, about_id: uuid.UUID | None = None) -> HttpResponse:
        kind = _allowed(request, import_kind)
        about = kind.about(request.user, about_id)
        tenants = self._tenants(request) if kind.is_of_tenant and about is None else None
        initial = {"tenant": request.user.tenant_id}  # type: ignore[union-attr]
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(kind, tenants, *given, initial=initial)
        if form.is_valid():
            try:
                job = services.upload(kind=kind, made_by=request.user, **_of(about), **form.upload())
            except TableError as error:
                form.add_error("file" if form.cleaned_data["file"] else "text", str(error))
            else:
                _work(job)
                return redirect("admin:imports_import_change", job.pk)
        context = {
            "title": kind.title,
            "form": form,
            "about": about,
            "fields": kind.fields_for(request.user),
            "template": reverse("admin:imports_import_template", args=[kind.name]),
        }
        return self._page(request, "upload", context)

    def _tenants(self, request: HttpRequest) -> QuerySet[Any]:
        tenant = Import._meta.get_field("tenant").related_model
        return visible(request.user, tenant._default_manager.all(), "pk")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        job: Import | None = self.get_object(request, unquote(object_id))
        if job is None:
            raise Http404
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        if request.method == "POST":
            return self._do(request, job)
        counts = Counter(dict(job.rows.values_list("state").annotate(Count("pk"))))
        left = counts[ImportRow.State.PENDING if job.state == State.CHECKING else ImportRow.State.NEW]
        if "progress" in request.GET:
            return JsonResponse({"is_working": _is_going(job), "done": job.total - left, "total": job.total})
        return self._page(request, "show", {"original": job, "left": job.total - left} | _shown(request, job, counts))

    def _do(self, request: HttpRequest, job: Import) -> HttpResponse:
        """The page's buttons. A second click, or one in another tab, finds that it was done."""
        if not may_import(request, KINDS[job.kind]):
            raise PermissionDenied
        if "discard" in request.POST:
            if services.discard(job=job):
                self.message_user(request, gettext("The list was discarded. Nothing was imported."), SUCCESS)
            return redirect("admin:imports_import_changelist")
        if "go_on" in request.POST:
            services.go_on(job=job)
        elif "confirm" in request.POST and not services.confirm(job=job, actor=Actor.by_admin(request.user)):
            self.message_user(request, gettext("This list was confirmed before, or has expired."), WARNING)
        _work(job)
        return redirect("admin:imports_import_change", job.pk)

    def _page(self, request: HttpRequest, name: str, values: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | values
        return TemplateResponse(request, f"admin/imports/import/{name}.html", context)


def _allowed(request: HttpRequest, name: str) -> type[ImportKind]:
    kind = KINDS.get(name)
    if kind is None:
        raise Http404
    if not may_import(request, kind):
        raise PermissionDenied
    return kind


def _of(about: Model | None) -> dict[str, Any]:
    return {"about_id": about.pk, "tenant_id": about.tenant_id} if about else {}  # type: ignore[attr-defined]


def _work(job: Import) -> None:
    """A short list is done with when the page appears; a worker does what is left of a long one."""
    if work(job.pk, batches=1):
        tasks.wake(job.pk)


def _is_going(job: Import) -> bool:
    return job.is_working and not job.error


def _shown(request: HttpRequest, job: Import, counts: Counter[str]) -> dict[str, Any]:
    """Rows of one state, where one is asked for, by pages."""
    kind, new = kind_of(job), counts[ImportRow.State.NEW]
    wanted = request.GET.get("state", "")
    rows = job.rows.filter(state=wanted) if wanted in counts else job.rows.all()
    count = counts.get(wanted, job.total)
    page = _Pages(rows.order_by("number"), SHOWN_ROWS, count).get_page(request.GET.get("page"))
    names = [field.name for field in kind.fields if any(field.name in row.cells for row in page)]
    return {
        "title": f"{kind.title}: {_headline(job)}",
        "job": job,
        "is_going": _is_going(job),
        "may_act": may_import(request, type(kind)),
        "states": [(state, label, counts[state]) for state, label in ImportRow.State.choices if counts[state]],
        "wanted": wanted,
        "names": names,
        "page": page,
        "rows": [(row, [row.cells.get(name, "") for name in names], _link(kind, row)) for row in page],
        "effect": kind.effect(new) if new and job.state == State.READY else None,
        "new": new,
    }


class _Pages(Paginator):
    def __init__(self, rows: Any, per_page: int, known: int) -> None:
        super().__init__(rows, per_page)
        self.count = known  # counted already, with the others


def _headline(job: Import) -> str:
    rows = ngettext("%(count)d row", "%(count)d rows", job.total) % {"count": job.total}
    return f"{job.source}, {rows}" if job.source else rows


def _link(kind: ImportKind, row: ImportRow) -> str:
    return reverse(kind.target, args=[row.object_id]) if kind.target and row.object_id else ""
