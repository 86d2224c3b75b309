"""Rooms for staff."""

from typing import Any

from django.contrib import admin
from django.urls import path

from rooms.assets.admin import AssetInline, download_asset
from rooms.models import Room
from staff.admin import ReadOnlyAdmin


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    list_display = ("id", "created_by", "created_at", "waiting_room", "e2e_encryption")
    list_filter = ("waiting_room", "e2e_encryption")
    list_select_related = ("created_by",)
    id_fields = ("id", "created_by")
    search_fields = ("created_by__email",)
    show_full_result_count = False
    # Not the password, and no dial-in PIN: who may look at rooms is not invited to them.
    fields = ("id", "created_by", "tenant", "created_at", "waiting_room", "e2e_encryption")
    readonly_fields = fields
    inlines = (AssetInline,)

    def get_urls(self) -> list[Any]:
        download = self.admin_site.admin_view(download_asset)
        return [path("assets/<uuid:asset_id>/", download, name="rooms_asset_download"), *super().get_urls()]
