"""Applications and their keys for staff, and a view of what they have planned."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from activity.actors import Actor
from activity.models import Activity
from integrations.cronofy.applications import add_key, save_application
from integrations.cronofy.models import Application, Ending, Recipient, SmartInvite
from integrations.deliveries import guard
from integrations.deliveries.admin_effects import of_ending_keys, waiting_at
from integrations.deliveries.keys import valid_keys
from staff.admin import ReadOnlyAdmin
from staff.chosen import ChosenFilter
from staff.effects import confirm, goes_back


class ApplicationForm(forms.ModelForm):
    def clean_callback_url(self) -> str:
        url: str = self.cleaned_data["callback_url"]
        if url:
            try:
                guard.refuse(url)
            except guard.RefusedAddressError as error:
                raise ValidationError(str(error)) from None
        return url

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        tenant, user = values.get("tenant"), values.get("service_user")
        if tenant and user and user.tenant_id != tenant.pk:
            self.add_error("service_user", gettext("This account belongs to another tenant"))
        return values


class NewKeyForm(forms.Form):
    """Whether the new key stands beside the others or takes their place."""

    ends_others = forms.BooleanField(label=_("The other keys end in one day"), required=False)


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin):
    form = ApplicationForm
    tenant_path = "tenant_id"
    list_display = ("name", "tenant", "service_user", "sends_mails", "disabled_since")
    list_filter = ("sends_mails", ("disabled_since", admin.EmptyFieldListFilter))
    list_select_related = ("tenant", "service_user")
    search_fields = ("name",)
    autocomplete_fields = ("tenant", "service_user")
    readonly_fields = ("keys", "created_at")
    fieldsets = (
        (None, {"fields": ("name", "tenant", "service_user", "disabled_since", "created_at")}),
        (_("Invitations"), {"fields": ("organizer_name", "sends_mails", "callback_url", "contact_address")}),
        (_("API keys"), {"fields": ("keys",)}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Its invites are told for as long as somebody may ask, so an application is disabled, not deleted.
        return False

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        changes = {name: (form.initial.get(name), form.cleaned_data[name]) for name in form.changed_data}
        save_application(application=obj, actor=Actor.by_admin(request.user), changes=changes)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(self.key_view))
        return [path("<uuid:application_id>/key/", view, name="cronofy_application_key"), *super().get_urls()]

    def key_view(self, request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
        """Asks what becomes of the other keys, then shows the new one: this once, in the answer itself."""
        application = get_object_or_404(self.get_queryset(request).select_related("ring"), pk=application_id)
        if not self.has_change_permission(request, application):
            raise PermissionDenied
        form, key = NewKeyForm(request.POST if request.method == "POST" else None), ""
        if form.is_valid() and not goes_back(request):
            key = self._new_key(request, application, ends_others=form.cleaned_data["ends_others"])
        context = self.admin_site.each_context(request) | {
            "title": gettext("New API key of %(application)s") % {"application": application},
            "opts": self.opts,
            "application": application,
            "form": form,
            "key": key,
        }
        return TemplateResponse(request, "admin/cronofy/application/key.html", context)

    @transaction.atomic
    def _new_key(self, request: HttpRequest, application: Application, *, ends_others: bool) -> str:
        """Asks where others end by it."""
        others = valid_keys().filter(ring_id=application.ring_id).count() if ends_others else 0
        key = add_key(application=application, actor=Actor.by_admin(request.user), ends_others=ends_others)
        if others:
            waiting = waiting_at(list(application.ring.endpoints.all())).total()
            title = gettext("Replace the keys?")
            confirm(request, of_ending_keys(others, waiting), title=title, opts=self.opts, original=application)
        return key

    @admin.display(description=_("API keys"))
    def keys(self, application: Application) -> SafeString | str:
        if application._state.adding:
            return gettext("Save the application first.")
        keys = valid_keys().filter(ring_id=application.ring_id)
        return render_to_string("admin/cronofy/application/keys.html", {"keys": keys, "application": application})


class RecipientInline(admin.TabularInline):
    model = Recipient
    fields = readonly_fields = ("email",)
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SmartInvite)
class SmartInviteAdmin(ReadOnlyAdmin):
    """What applications have planned; answers stand at the event, callbacks at the endpoint."""

    tenant_path = "application__tenant_id"
    history_told = _("This is the history of the meeting.")
    id_fields = ("id", "event_id")
    list_display = ("smart_invite_id", "application", "event", "created_at")
    list_filter = (("application", ChosenFilter),)
    list_select_related = ("application",)
    search_fields = ("=smart_invite_id", "=recipients__address")
    search_help_text = _("The application's id, a recipient's address, or the id of the event")
    fields = readonly_fields = (
        "application",
        "smart_invite_id",
        "event",
        "callback_url",
        "is_for_several",
        "created_at",
    )
    inlines = (RecipientInline,)

    def history_of(self, smart_invite: SmartInvite) -> QuerySet[Activity]:
        """That of its meeting, also after that was cancelled."""
        log = Activity.objects.all()
        return log.filter(event_id=smart_invite.event_id) if smart_invite.event_id else log.none()

    def get_queryset(self, request: HttpRequest) -> QuerySet[SmartInvite]:
        """Whether it was cancelled, without what is kept of that: for each recipient a calendar object."""
        together = Ending.objects.filter(smart_invite=OuterRef("pk"), address="")
        rows: QuerySet[SmartInvite] = super().get_queryset(request)
        return rows.annotate(is_cancelled=Exists(together))

    @admin.display(description=_("event"))
    def event(self, smart_invite: SmartInvite) -> SafeString | str:
        if smart_invite.event_id is None or smart_invite.is_cancelled:  # type: ignore[attr-defined]
            return gettext("cancelled")
        url = reverse("admin:events_event_change", args=[smart_invite.event_id])
        return format_html('<a href="{}">{}</a>', url, smart_invite.event_id)
