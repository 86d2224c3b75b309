"""How often organizers are mailed about answers."""

from typing import Any

from django.http import HttpRequest

from activity.actors import Actor
from events.digest_models import Digest
from events.services.digests import set_digest
from staff.admin import IdSearchAdmin


class DigestAdmin(IdSearchAdmin):
    """How often organizers are mailed about answers; who is not listed gets these mails hourly."""

    tenant_path = "user__tenant_id"
    list_display = ("user", "frequency", "at", "due_at")
    list_filter = ("frequency",)
    list_select_related = ("user",)
    fields = ("user", "frequency", "at", "due_at")
    autocomplete_fields = ("user",)
    id_fields = ("user",)
    search_fields = ("user__email", "user__display_name")
    ordering = ("user",)

    def get_readonly_fields(self, request: HttpRequest, obj: Digest | None = None) -> tuple[str, ...]:
        return ("user", "due_at") if obj else ("due_at",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Digest, form: Any, change: bool) -> None:
        set_digest(user=obj.user, actor=Actor.by_admin(request.user), frequency=obj.frequency, at=obj.at)
