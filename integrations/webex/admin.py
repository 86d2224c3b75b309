"""Webhooks for staff: whose they are, what they are told, whether it arrives, and what can be done about it."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from activity.actors import Actor
from integrations.deliveries.admin_effects import of_disabling, waiting_at
from integrations.webex.models import Webhook
from integrations.webex.webhooks import rotate_secret, switch_off, switch_on
from staff.admin import ReadOnlyAdmin
from staff.chosen import ChosenFilter
from staff.effects import confirm, goes_back
from staff.html import short_time


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    tenant_path = "tenant_id"
    list_display = ("name", "owner", "owned_by", "resource", "event", "state", "last_success", "failing_since")
    list_filter = ("owned_by", "endpoint__state", ("owner", ChosenFilter))
    list_select_related = ("owner", "endpoint")
    id_fields = ("id", "owner", "endpoint")
    search_fields = ("name__icontains", "owner__email__startswith")
    search_help_text = _("A name, an owner's address, or the id of a webhook, an owner or an endpoint")
    ordering = ("-created_at",)
    show_full_result_count = False
    fields = (
        "id", "name", "tenant", "owner", "owned_by", "resource", "event", "filter", "app_id", "created_at",
        "endpoint", "state", "disabled_for", "last_success", "failing_since", "deliveries", "secret",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("activate", "deactivate")

    def has_operate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits a webhook of somebody else; these are the changes there are."""
        return request.user.has_perm("webex.change_webhook")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [name for name in self.fields if name != "secret" or self.has_operate_permission(request)]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(self.secret_view))
        return [path("<uuid:webhook_id>/secret/", view, name="webex_webhook_secret"), *super().get_urls()]

    @admin.action(description=_("Activate selected webhooks"), permissions=["operate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        actor = Actor.by_admin(request.user)
        count = sum(switch_on(webhook=webhook, actor=actor) for webhook in queryset.select_related("endpoint"))
        text = ngettext("%(count)d webhook is active", "%(count)d webhooks are active", count)
        self.message_user(request, text % {"count": count})

    @admin.action(description=_("Deactivate selected webhooks"), permissions=["operate"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        actor = Actor.by_admin(request.user)
        rows = list(queryset.select_related("endpoint").filter(endpoint__state="active"))
        endpoints = [webhook.endpoint for webhook in rows]
        with transaction.atomic():
            waiting = waiting_at(endpoints)
            count = sum(switch_off(webhook=webhook, actor=actor) for webhook in rows)
            if count:
                effect, back = of_disabling(endpoints, waiting), request.get_full_path()
                confirm(request, effect, title=gettext("Deactivate?"), opts=self.opts, back=back)
        text = ngettext("%(count)d webhook is inactive", "%(count)d webhooks are inactive", count)
        self.message_user(request, text % {"count": count})

    def secret_view(self, request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
        """Says what a new secret means, then shows it: this once, in the answer itself."""
        rows = self.get_queryset(request).select_related("endpoint__ring")
        webhook = get_object_or_404(rows, pk=webhook_id)
        if not self.has_operate_permission(request, webhook):
            raise PermissionDenied
        secret = ""
        if request.method == "POST" and not goes_back(request):
            secret = rotate_secret(webhook=webhook, actor=Actor.by_admin(request.user))
        context = self.admin_site.each_context(request) | {
            "title": gettext("New secret of %(webhook)s") % {"webhook": webhook},
            "opts": self.opts,
            "webhook": webhook,
            "secret": secret,
        }
        return TemplateResponse(request, "admin/webex/webhook/secret.html", context)

    @admin.display(description=_("status"), ordering="endpoint__state")
    def state(self, webhook: Webhook) -> str:
        return webhook.endpoint.get_state_display()

    @admin.display(description=_("disabled for"))
    def disabled_for(self, webhook: Webhook) -> str:
        return webhook.endpoint.get_disabled_for_display() or self.get_empty_value_display()

    @admin.display(description=_("last success"), ordering="endpoint__last_success_at")
    def last_success(self, webhook: Webhook) -> str:
        return self._time(webhook.endpoint.last_success_at)

    @admin.display(description=_("failing since"), ordering="endpoint__failing_since")
    def failing_since(self, webhook: Webhook) -> str:
        return self._time(webhook.endpoint.failing_since)

    def _time(self, time: datetime | None) -> str:
        return short_time(time) or str(self.get_empty_value_display())

    @admin.display(description=_("deliveries"))
    def deliveries(self, webhook: Webhook) -> SafeString:
        url = reverse("admin:deliveries_delivery_changelist", query={"q": webhook.endpoint_id})
        return format_html('<a href="{}">{}</a>', url, gettext("What was sent, and what waits"))

    @admin.display(description=_("secret"))
    def secret(self, webhook: Webhook) -> SafeString:
        """Not the secret itself, which is its owner's."""
        url = reverse("admin:webex_webhook_secret", args=[webhook.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Create a new secret"))
