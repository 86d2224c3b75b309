"""Rooms for staff."""

import uuid
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from activity.models import Activity
from rooms.assets.admin import AssetInline, download_asset
from rooms.models import Room
from rooms.tariff_admin import RoomTariffAdmin
from staff.admin import ReadOnlyAdmin
from users.models import Tariff

admin.site.register(Tariff, RoomTariffAdmin)


class RoomAdmin(ReadOnlyAdmin):
    """Registered in signaling/admin.py, which adds who can enter: this app knows neither guests nor meetings."""

    tenant_path = "tenant_id"
    list_display = ("id", "created_by", "created_at", "waiting_room", "e2e_encryption")
    list_filter = ("waiting_room", "e2e_encryption")
    list_select_related = ("created_by",)
    id_fields = ("id", "created_by")
    search_fields = ("created_by__email",)
    show_full_result_count = False
    # Not the password, and no dial-in PIN: who may look at rooms is not invited to them.
    shown: ClassVar[tuple[str, ...]] = ("id", "created_by", "tenant", "created_at", "waiting_room", "e2e_encryption")
    fields = readonly_fields = shown
    inlines = (AssetInline,)
    called_with = ("events",)

    def called(self, room: Room) -> str:
        """By the last of the meetings planned in it."""
        titles = [event.title for event in sorted(room.events.all(), key=lambda event: event.created_at)]
        return titles[-1] if titles else str(room)

    def history_of(self, room: Room) -> QuerySet[Activity]:
        return Activity.objects.filter(room_id=room.pk)

    def get_urls(self) -> list[Any]:
        download = self.admin_site.admin_view(self.asset_view)
        return [path("assets/<uuid:asset_id>/", download, name="rooms_asset_download"), *super().get_urls()]

    def asset_view(self, request: HttpRequest, asset_id: uuid.UUID) -> HttpResponseBase:
        return download_asset(request, asset_id, rooms=self.get_queryset(request))
