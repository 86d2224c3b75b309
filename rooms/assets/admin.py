"""The files of a room for staff: to see, and to save for whoever may view files; never to change."""

import uuid
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from rest.errors import ApiError
from rooms.assets.downloads import download
from rooms.models import Asset, Room


class AssetInline(admin.TabularInline):
    """Shown to whom `rooms.view_asset` is given: a file is more than a room's row."""

    model = Asset
    extra = 0
    can_delete = False
    fields = readonly_fields = ("link", "kind", "namespace", "size", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("file"))
    def link(self, asset: Asset) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:rooms_asset_download", args=[asset.pk]), asset.filename
        )


def download_asset(request: HttpRequest, asset_id: uuid.UUID, *, rooms: QuerySet[Room]) -> HttpResponseBase:
    if not request.user.has_perm("rooms.view_asset"):
        raise PermissionDenied
    try:
        return download(request, get_object_or_404(Asset, pk=asset_id, room__in=rooms))
    except ApiError as error:
        # Nothing but the API turns these into answers.
        return HttpResponse(str(error.detail), status=error.status_code, content_type="text/plain")
