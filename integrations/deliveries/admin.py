"""Callbacks for staff: where they go, what was sent and what waits, and what can be done about it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from integrations.deliveries.admin_effects import of_disabling, of_skipping, waiting_at
from integrations.deliveries.endpoints import (
    disable_endpoint,
    enable_endpoint,
    ping_endpoint,
    redeliver,
    redeliver_failed,
    skip_delivery,
)
from integrations.deliveries.models import Delivery, DeliveryAttempt, Endpoint
from staff.admin import ReadOnlyAdmin
from staff.effects import confirm
from staff.filters import KindFilter
from staff.html import text_block
from staff.names import name_of

MOST_ENDPOINTS = 20  # of one redelivery
DAY = timedelta(days=1)


class SinceForm(forms.Form):
    since = forms.DateTimeField(
        label=_("given up since"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    tenant_path = "tenant_id"
    list_display = ("url", "tenant", "signature", "state", "last_success_at", "failures", "failing_since", "held_until")
    list_filter = ("state", "disabled_for", "signature")
    list_select_related = ("tenant",)
    id_fields = ("id", "ring")
    search_fields = ("url__icontains", "owner_address__startswith")
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = (
        "id", "url", "tenant", "owner_address", "signature", "ring", "state", "disabled_for", "disabled_at",
        "last_success_at", "failures", "failing_since", "refusals", "refused_since", "held_until", "created_at",
        "belongs_to", "sent",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("ping", "enable", "disable", "redeliver_failed")

    @admin.display(description=_("belongs to"))
    def belongs_to(self, endpoint: Endpoint) -> SafeString | str:
        """The row of whichever app that has this endpoint alone."""
        for relation in Endpoint._meta.related_objects:
            row = getattr(endpoint, relation.get_accessor_name() or "", None) if relation.one_to_one else None
            if row is not None:
                url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
                return format_html('<a href="{}">{}</a>', url, row)
        return str(self.get_empty_value_display())

    @admin.display(description=_("deliveries"))
    def sent(self, endpoint: Endpoint) -> SafeString:
        url = reverse("admin:deliveries_delivery_changelist", query={"q": endpoint.pk})
        return format_html('<a href="{}">{}</a>', url, gettext("What was sent, and what waits"))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits an endpoint; these actions are the changes there are."""
        return request.user.has_perm("deliveries.change_endpoint")

    @admin.action(description=_("Send a test ping"), permissions=["operate"])
    def ping(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        count = 0
        for endpoint in queryset.filter(state=Endpoint.State.ACTIVE):
            ping_endpoint(endpoint=endpoint, actor=Actor.by_admin(request.user))
            count += 1
        text = ngettext("%(count)d endpoint is pinged", "%(count)d endpoints are pinged", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Enable selected endpoints"), permissions=["operate"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        count = sum(enable_endpoint(endpoint=row, actor=Actor.by_admin(request.user)) for row in queryset)
        text = ngettext("%(count)d endpoint is enabled", "%(count)d endpoints are enabled", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Disable selected endpoints"), permissions=["operate"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        actor, rows = Actor.by_admin(request.user), list(queryset.filter(state=Endpoint.State.ACTIVE))
        with transaction.atomic():
            waiting = waiting_at(rows)
            count = sum(disable_endpoint(endpoint=row, reason="staff", actor=actor) for row in rows)
            if count:
                effect, back = of_disabling(rows, waiting), request.get_full_path()
                confirm(request, effect, title=gettext("Disable?"), opts=self.opts, back=back)
        text = ngettext("%(count)d endpoint is disabled", "%(count)d endpoints are disabled", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Redeliver what was given up since a moment"), permissions=["operate"])
    def redeliver_failed(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> HttpResponse | None:
        """Asks for the moment first."""
        form = SinceForm(request.POST if "confirmed" in request.POST else None, initial={"since": timezone.now() - DAY})
        endpoints = list(queryset[:MOST_ENDPOINTS])
        if not form.is_valid():
            return self._ask(request, form, endpoints)
        since, actor = form.cleaned_data["since"], Actor.by_admin(request.user)
        count = sum(redeliver_failed(endpoint=endpoint, since=since, actor=actor) for endpoint in endpoints)
        self.message_user(request, _redelivered(count))
        return None

    def _ask(self, request: HttpRequest, form: SinceForm, endpoints: list[Endpoint]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": gettext("Redeliver"),
            "form": form,
            "endpoints": endpoints,
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME)[:MOST_ENDPOINTS],
        }
        return TemplateResponse(request, "admin/deliveries/endpoint/redeliver.html", context)


def _may_read(request: HttpRequest) -> bool:
    """What callbacks tell, people's comments among it: more than that there is one, and what became of it."""
    return request.user.has_perm("deliveries.read_delivery")


def _redelivered(count: int) -> str:
    text = ngettext("%(count)d delivery is sent once more", "%(count)d deliveries are sent once more", count)
    return text % {"count": count}


class DeliveryAttemptInline(admin.TabularInline):
    model = DeliveryAttempt
    fields = readonly_fields = (
        "series", "started_at", "ended_at", "outcome", "status", "error", "answer", "worker",
    )  # fmt: skip
    extra = 0
    can_delete = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "answer" or _may_read(request)]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the delivery that they are about."""
        return request.user.has_perm("deliveries.view_delivery")


class DeliveryKindFilter(KindFilter):
    title = _("kind")
    parameter_name = "kind"
    column = "delivery.kind"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    tenant_path = "endpoint__tenant_id"
    list_display = (
        "created_at", "endpoint", "called", "ordering_key", "state", "attempts", "next_try_at", "last_error",
    )  # fmt: skip
    list_filter = ("state", DeliveryKindFilter)
    list_select_related = ("endpoint",)
    id_fields = ("id", "endpoint")
    search_fields = ("ordering_key__startswith",)
    search_help_text = _("An ordering key, or the id of a delivery or of an endpoint")
    ordering = ("-position",)
    show_full_result_count = False
    inlines = (DeliveryAttemptInline,)
    fields = (
        "message_id", "endpoint", "called", "ordering_key", "state", "series", "attempts", "next_try_at", "last_error",
        "created_at", "ended_at", "shown_body",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("redeliver", "skip")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "shown_body" or _may_read(request)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """A page of bodies with everybody's answers would be large."""
        rows: QuerySet[Delivery] = super().get_queryset(request)
        return rows.defer("body")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str) -> Any:
        """`webhook-id` too: owners know deliveries by it."""
        return super().get_search_results(request, queryset, search_term.strip().removeprefix("msg_"))

    @admin.display(description=_("kind"), ordering="kind")
    def called(self, delivery: Delivery) -> str:
        return name_of("delivery.kind", delivery.kind)

    @admin.display(description="webhook-id")
    def message_id(self, delivery: Delivery) -> str:
        return delivery.message_id

    @admin.display(description=_("body"))
    def shown_body(self, delivery: Delivery) -> SafeString | str:
        if delivery.body is None:
            return gettext("removed")
        return text_block(bytes(delivery.body).decode(errors="replace"), label=gettext("body"))

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a delivery; these actions are the changes there are."""
        return request.user.has_perm("deliveries.change_delivery")

    @admin.action(description=_("Redeliver selected deliveries"), permissions=["operate"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """In their order; those that are open or have no body, or whose endpoint is disabled, stay as they are."""
        rows = queryset.select_related("endpoint").order_by("position")
        count = sum(redeliver(delivery=row, actor=Actor.by_admin(request.user)) for row in rows)
        self.message_user(request, _redelivered(count))

    @admin.action(description=_("Skip selected deliveries: those behind them go on"), permissions=["operate"])
    def skip(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows, actor = queryset.select_related("endpoint").order_by("position"), Actor.by_admin(request.user)
        with transaction.atomic():
            skipped = [row for row in rows if skip_delivery(delivery=row, actor=actor)]
            if skipped:
                back = request.get_full_path()
                confirm(request, of_skipping(skipped), title=gettext("Skip?"), opts=self.opts, back=back)
        count = len(skipped)
        text = ngettext("%(count)d delivery is skipped", "%(count)d deliveries are skipped", count)
        self.message_user(request, text % {"count": count})
