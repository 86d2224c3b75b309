"""Rooms for staff."""

from django.contrib import admin

from activity.admin import ReadOnlyAdmin
from rooms.models import Room


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
