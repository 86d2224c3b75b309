"""Links between pages of the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def linked(request: HttpRequest, row: Any, text: str = "") -> SafeString:
    """The row's name, with a link to its page for who may look at such pages. The row is in the reader's reach."""
    shown = text or str(row)
    if not may_view(request, type(row)):
        return format_html("{}", shown)
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', page, shown)


def may_view(request: HttpRequest, model: type[Any]) -> bool:
    rows = admin.site._registry.get(model)
    return rows is not None and rows.has_view_permission(request)
