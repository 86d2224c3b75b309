"""People, tenants, tariffs, groups and OIDC clients for staff."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from activity.actors import Actor
from calendars.addresses import canonical, is_mailable
from mailer.branding import logo_of
from mailer.forms import MailBrandingForm
from mailer.models import MailBranding
from users import organization, services
from users.models import Client, Group, Tariff, Tenant, User

# Tokens are secrets; nobody needs to see them, and the provider's own admin would show them.
for token_model in (AccessToken, Grant, IDToken, RefreshToken, Client):
    if admin.site.is_registered(token_model):
        admin.site.unregister(token_model)


def _address(text: str) -> str:
    if not is_mailable(text):
        raise ValidationError(EmailValidator.message, code="invalid")
    return canonical(text)


class UserForm(UserChangeForm):
    """`is_active` is a property here, so Django's form has no field for it."""

    avatar_url = forms.URLField(label=_("Picture"), assume_scheme="https", max_length=500, required=False)

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return _address(self.cleaned_data["email"])


class NewUserForm(BaseUserCreationForm):
    """An account of the embedded provider: who it is made for signs in with it."""

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "tenant")

    def clean_email(self) -> str:
        return _address(self.cleaned_data["email"])


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserForm
    add_form = NewUserForm
    list_display = ("display_name", "email", "username", "tenant", "tariff", "is_staff", "disabled_since")
    list_filter = ("is_staff", "tariff_status", ("disabled_since", admin.EmptyFieldListFilter), "tenant")
    list_select_related = ("tenant", "tariff")
    search_fields = ("email", "display_name", "first_name", "last_name", "=username")
    ordering = ("display_name", "id")
    readonly_fields = ("oidc_sub", "created_at", "last_login")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "tenant", "disabled_since")}),
        (_("Person"), {"fields": ("title", "first_name", "last_name", "display_name", "phone", "avatar_url")}),
        (_("Reads"), {"fields": ("language", "time_zone", "dashboard_theme", "conference_theme")}),
        (_("Tariff"), {"fields": ("tariff", "tariff_status")}),
        (_("Admin"), {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Identity provider"), {"fields": ("oidc_sub", "tenant_groups", "created_at", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "first_name", "last_name", "tenant", "password1", "password2")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Rooms and meetings belong to people, so people who leave are disabled, not deleted.
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor = Actor.by_admin(request.user)
        if not change:
            services.create_account(user=obj, actor=actor)
            return
        new = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        links = {field.name: new.pop(field.name) for field in User._meta.many_to_many if field.name in new}
        columns = {name: new[name] for name in new.keys() & {field.name for field in User._meta.concrete_fields}}
        services.update_account(user=User.objects.get(pk=obj.pk), actor=actor, links=links, **columns)


class OrganizationAdmin(admin.ModelAdmin):
    """For rows that users/organization.py changes and records."""

    def save_model(self, request: HttpRequest, obj: organization.Row, form: Any, change: bool) -> None:
        changes = {name: (form.initial.get(name), form.cleaned_data[name]) for name in form.changed_data}
        organization.save_row(row=obj, actor=Actor.by_admin(request.user), changes=changes)

    def delete_model(self, request: HttpRequest, obj: organization.Row) -> None:
        organization.delete_row(row=obj, actor=Actor.by_admin(request.user))

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            organization.delete_row(row=row, actor=Actor.by_admin(request.user))


@admin.register(Tenant)
class TenantAdmin(OrganizationAdmin):
    list_display = ("external_id", "created_at")
    search_fields = ("external_id",)


@admin.register(MailBranding)
class MailBrandingAdmin(OrganizationAdmin):
    form = MailBrandingForm
    fields = (
        "tenant", "product_name", "picture", "current_logo", "removes_picture", "accent", "support_address",
        "imprint_url", "data_protection_url",
    )  # fmt: skip
    list_display = ("tenant", "product_name", "accent", "support_address")
    list_select_related = ("tenant",)
    search_fields = ("tenant__external_id", "product_name")

    def get_readonly_fields(self, request: HttpRequest, obj: MailBranding | None = None) -> tuple[str, ...]:
        return ("current_logo", "tenant") if obj else ("current_logo",)

    @admin.display(description=_("stored logo"))
    def current_logo(self, branding: MailBranding) -> str:
        if not branding.logo:
            return "-"
        logo = logo_of(bytes(branding.logo))
        return gettext("%(width)d × %(height)d pixels in mails") % {"width": logo.width, "height": logo.height}


class TariffForm(forms.ModelForm):
    """Checks the JSON columns, because a wrong shape would break every request of the people with this tariff."""

    class Meta:
        model = Tariff
        fields = ("name", "external_ids", "quotas", "disabled_modules", "disabled_features")

    def clean_quotas(self) -> dict[str, int]:
        quotas = self.cleaned_data["quotas"] or {}
        if not isinstance(quotas, dict) or not all(type(quota) is int and quota >= 0 for quota in quotas.values()):
            raise ValidationError(_("A JSON object with a whole number, 0 or more, for each name"))
        return quotas

    def clean_external_ids(self) -> list[str]:
        return self._words("external_ids")

    def clean_disabled_modules(self) -> list[str]:
        return self._words("disabled_modules")

    def clean_disabled_features(self) -> list[str]:
        return self._words("disabled_features")

    def _words(self, name: str) -> list[str]:
        words = self.cleaned_data[name] or []
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValidationError(_("A JSON list of names"))
        return words


@admin.register(Tariff)
class TariffAdmin(OrganizationAdmin):
    form = TariffForm
    list_display = ("name", "quotas")
    search_fields = ("name",)


@admin.register(Group)
class GroupAdmin(OrganizationAdmin):
    list_display = ("name", "tenant")
    list_select_related = ("tenant",)
    search_fields = ("name",)


@admin.register(Client)
class ClientAdmin(OrganizationAdmin):
    fields = (
        "name", "client_id", "client_secret", "client_type", "authorization_grant_type", "redirect_uris",
        "post_logout_redirect_uris", "backchannel_logout_uri", "allowed_origins", "algorithm", "skip_authorization",
        "roles",
    )  # fmt: skip
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    view_on_site = False  # the provider's own page for it is not mounted
    list_display = ("name", "client_id", "client_type", "authorization_grant_type")
    search_fields = ("name", "client_id")
