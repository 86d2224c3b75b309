"""Devices, sensors and SIP accounts for staff: what they said last, and an end to them. Nobody edits them."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.models import Activity
from integrations.objects.models.devices import Box, Sensor
from integrations.objects.models.telephony import SipAccount, SipRegistration
from integrations.objects.services.objects import delete_object
from integrations.objects.services.sip import delete_sip_account
from staff.admin import ReadOnlyAdmin
from staff.effects import Effect, Part, confirm


class OnlineFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "online"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("online")), ("no", _("offline"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Box]) -> QuerySet[Box]:
        if self.value() in ("yes", "no"):
            return queryset.filter(online_since__isnull=self.value() == "no")
        return queryset


class ThingAdmin(ReadOnlyAdmin):
    """Of a table that an object has beside its own. What lies in the trash is not here any more."""

    tenant_path = "object__owner__tenant_id"
    list_select_related = ("object__owner",)
    id_fields = ("object", "object__owner")
    search_fields = ("object__description__icontains", "object__owner__email__startswith")
    search_help_text = _("A word of the description, the beginning of the owner's address, or an id")
    ordering = ("object",)
    show_full_result_count = False
    actions = ("put_into_trash",)
    called_with = ("object",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(object__deleted_at=None)

    def called(self, row: Any) -> str:
        return str(row.object.description or row.pk)

    def history_of(self, row: Any) -> QuerySet[Activity]:
        """Of the object too."""
        return Activity.objects.filter(subject_id=row.pk)

    @admin.display(description=_("description"))
    def described(self, row: Any) -> str:
        return self.called(row)

    @admin.display(description=_("owner"), ordering="object__owner__display_name")
    def owner(self, row: Any) -> str:
        return str(row.object.owner)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"objects.change_{self.opts.model_name}"))

    @admin.action(description=_("Put selected ones into the trash of their owners"), permissions=["operate"])
    def put_into_trash(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        actor, rows = Actor.by_admin(request.user), list(queryset.select_related("object__owner", "object__room"))
        for row in rows:
            delete_object(one=row.object, actor=actor)
        text = ngettext("%(count)d object is in the trash", "%(count)d objects are in the trash", len(rows))
        self.message_user(request, text % {"count": len(rows)})


@admin.register(Box)
class BoxAdmin(ThingAdmin):
    list_display = (
        "described", "owner", "online_since", "last_seen_at", "ip_addr", "mac_addr", "sw_version", "hw_version",
    )  # fmt: skip
    list_filter = (OnlineFilter,)
    fields = ("object_id", *list_display)
    readonly_fields = fields


@admin.register(Sensor)
class SensorAdmin(ThingAdmin):
    list_display = ("described", "owner", "measured_at")
    fields = ("object_id", *list_display, "state")
    readonly_fields = fields

    @admin.display(description=_("time of the last values"), ordering="state_at")
    def measured_at(self, row: Sensor) -> datetime | None:
        return None if row.state_at is None else datetime.fromtimestamp(row.state_at / 1000, UTC)


class RegistrationInline(admin.TabularInline):
    model = SipRegistration
    fields = readonly_fields = ("contact", "registered_at", "expires_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the account that they are of."""
        return bool(request.user.has_perm("objects.view_sipaccount"))


@admin.register(SipAccount)
class SipAccountAdmin(ReadOnlyAdmin):
    tenant_path = "owner__tenant_id"
    list_display = ("address", "owner", "description", "created_at")
    list_select_related = ("owner",)
    id_fields = ("id", "owner")
    search_fields = ("user__istartswith", "domain__istartswith", "owner__email__startswith")
    search_help_text = _("The beginning of a part of the SIP address or of the owner's address, or an id")
    ordering = ("domain", "user")
    show_full_result_count = False
    fields = ("id", "user", "domain", "owner", "description", "created_at")
    readonly_fields = fields
    inlines = (RegistrationInline,)
    actions = ("remove",)

    @admin.display(description=_("SIP account"), ordering="user")
    def address(self, account: SipAccount) -> str:
        return str(account)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("objects.change_sipaccount"))

    @admin.action(description=_("Delete selected SIP accounts"), permissions=["operate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        actor, accounts = Actor.by_admin(request.user), list(queryset.prefetch_related("registrations"))
        with transaction.atomic():
            effect = _of_removing(accounts)
            for account in accounts:
                delete_sip_account(account=account, actor=actor)
            if accounts:
                confirm(request, effect, title=gettext("Delete?"), opts=self.opts, back=request.get_full_path())
        count = len(accounts)
        text = ngettext("%(count)d SIP account is deleted", "%(count)d SIP accounts are deleted", count)
        self.message_user(request, text % {"count": count})


def _of_removing(accounts: list[SipAccount]) -> Effect:
    rows = [(str(account), str(account.owner), len(account.registrations.all())) for account in accounts]
    lines = [gettext("The devices that are registered there can no longer be called by these addresses.")]
    heading = gettext("SIP accounts")
    return Effect(lines=lines, parts=[Part(heading, rows, (heading, gettext("Owner"), gettext("Devices")))])
