"""The way from a list or an object in the admin to its import."""

import uuid
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from imports.kinds import KINDS, ImportKind
from staff.tenancy import only_tenant


def may_import(request: HttpRequest, kind: type[ImportKind]) -> bool:
    user = request.user
    in_reach = kind.is_of_tenant or only_tenant(user) is None
    return kind.is_open() and in_reach and user.has_perms(["imports.add_import", kind.right])


def import_page(request: HttpRequest, name: str, about_id: uuid.UUID | None = None) -> str:
    """Its address, "" for who may not import such a list."""
    if not may_import(request, KINDS[name]):
        return ""
    args = [name] if about_id is None else [name, about_id]
    return reverse("admin:imports_import_new" + ("_about" if about_id else ""), args=args)


class ImportLink(ModelAdmin):
    """A list whose page has a button to import more of it."""

    import_kind: str

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        page = {"import_page": import_page(request, self.import_kind)}
        return super().changelist_view(request, page | (extra_context or {}))
