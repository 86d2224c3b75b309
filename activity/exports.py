"""The action "Export as CSV" of every list whose admin names `export_columns`."""

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.audiences import Place
from activity.log import record
from activity.table_kinds import ListExported
from staff.tables.writing import download
from staff.tenancy import only_tenant


@admin.action(description=_("Export selected rows as CSV"), permissions=["export"])
def export_csv(rows_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
    columns: dict[str, str] = rows_admin.export_columns
    record_export(request, queryset.model._meta.label_lower, queryset.count(), filters=request.GET.urlencode())
    rows = queryset.values_list(*columns.values()).iterator()
    return download(file_name(queryset.model._meta.model_name or ""), list(columns), rows)


@transaction.atomic
def record_export(
    request: HttpRequest,
    what: str,
    count: int,
    *,
    filters: str = "",
    subject: models.Model | None = None,
    place: Place | None = None,
) -> None:
    """Before the first row leaves. Without a `subject` it is about the person who exports."""
    record(
        ListExported(list=what, count=count, filters=filters),
        actor=Actor.by_admin(request.user),
        subject=subject or request.user,  # type: ignore[arg-type]
        place=place or Place(tenant_id=only_tenant(request.user)),
    )


def file_name(of: str) -> str:
    return f"{of}-{timezone.localdate():%Y-%m-%d}"
