"""People, tenants, tariffs, groups and OIDC clients for staff."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    BaseUserCreationForm,
    ReadOnlyPasswordHashField,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
)
from django.contrib.auth.models import Group as Permissions
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider import admin as _provider_pages  # noqa: F401 - makes the pages that are taken away below
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from activity.actors import Actor
from calendars.addresses import canonical, is_mailable
from imports.links import ImportLink
from mailer.branding import logo_of
from mailer.forms import MailBrandingForm
from mailer.models import MailBranding
from staff.chosen import TenantFilter
from staff.tenancy import only_tenant
from users import roles, services, tariff_values
from users.models import Client, Group, Role, Tariff, Tenant, User
from users.sign_in_admin import SignInAdmin

# Tokens are secrets; nobody needs to see them, and the provider's own admin would show them.
for token_model in (AccessToken, Grant, IDToken, RefreshToken, Client):
    if admin.site.is_registered(token_model):
        admin.site.unregister(token_model)


MOST_PEOPLE = 100  # named before a deletion


class PasswordState(ReadOnlyPasswordHashWidget):
    """Whether there is a password, and the way to another one; nothing of its hash."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        if any("value" in part for part in context["summary"]):
            context["summary"] = [{"label": gettext("A password is set.")}]
            context["button_label"] = gettext("Reset password")  # Django has it in fewer languages
        return context


class RolesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, role: Any) -> str:
        told = roles.TOLD.get(role.name)
        return f"{roles.shown_name(role.name)}: {told}" if told else role.name


def _address(text: str) -> str:
    if not is_mailable(text):
        raise ValidationError(EmailValidator.message, code="invalid")
    return canonical(text)


class UserForm(UserChangeForm):
    """`is_active` is a property here, so Django's form has no field for it."""

    password = ReadOnlyPasswordHashField(label=_("Password"), widget=PasswordState)
    groups = RolesField(label=_("Roles"), queryset=Permissions.objects.order_by("pk"), required=False)
    avatar_url = forms.URLField(label=_("Picture"), assume_scheme="https", max_length=500, required=False)

    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return _address(self.cleaned_data["email"])


class PasswordForm(AdminPasswordChangeForm):
    """Of somebody else: the person's row has the request (staff/tenancy.py)."""

    def save(self, commit: bool = True) -> User:
        password = self.cleaned_data["password1"] if self.cleaned_data["set_usable_password"] else None
        person: User = self.user
        services.set_password(user=person, password=password, actor=Actor.by_admin(self.user.request.user))
        return person


class NewUserForm(BaseUserCreationForm):
    """An account of the embedded provider: who it is made for signs in with it."""

    class Meta:
        model = User
        fields = ("username", "email", "first_name", "last_name", "tenant")

    def clean_email(self) -> str:
        return _address(self.cleaned_data["email"])


class UserAdmin(ImportLink, SignInAdmin):
    """Registered by the events app, which adds what people see of their meetings."""

    import_kind = "users"
    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    tenant_path = "tenant_id"
    trail = _("What this person did, and what concerned this person")
    list_display = ("display_name", "email", "username", "tenant", "tariff", "is_staff", "disabled_since")
    list_filter = (
        "is_staff",
        "tariff_status",
        ("disabled_since", admin.EmptyFieldListFilter),
        ("tenant", TenantFilter),
    )
    list_select_related = ("tenant", "tariff")
    search_fields = ("email", "display_name", "first_name", "last_name", "=username")
    ordering = ("display_name", "id")
    readonly_fields = ("oidc_sub", "created_at", "last_login", "tariff_name", "role_names")
    filter_horizontal = ("user_permissions",)
    autocomplete_fields = ("tenant", "tariff", "tenant_groups")
    export_columns = {
        "email": "email",
        "username": "username",
        "title": "title",
        "first_name": "first_name",
        "last_name": "last_name",
        "display_name": "display_name",
        "language": "language",
        "time_zone": "time_zone",
        "phone": "phone",
        "tariff": "tariff__name",
        "tenant": "tenant__external_id",
        "is_staff": "is_staff",
        "disabled_since": "disabled_since",
        "created_at": "created_at",
        "last_login": "last_login",
    }
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "tenant", "disabled_since")}),
        (_("Person"), {"fields": ("title", "first_name", "last_name", "display_name", "phone", "avatar_url")}),
        (_("Reads"), {"fields": ("language", "time_zone", "dashboard_theme", "conference_theme")}),
        (_("Tariff"), {"fields": ("tariff", "tariff_status")}),
        (_("Admin"), {"fields": ("groups", "is_staff", "is_superuser", "user_permissions")}),
        (_("Identity provider"), {"fields": ("oidc_sub", "tenant_groups", "created_at", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "email", "first_name", "last_name", "tenant", "password1", "password2")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only superusers give rights; a tariff is not for who sees one tenant, a password for who may change it."""
        shown = dict(super().get_fieldsets(request, obj))
        if obj is None:
            return list(shown.items())
        if not _is_superuser(request):
            shown[_("Admin")] = {"fields": ("role_names", "is_staff", "is_superuser")}
        if only_tenant(request.user) is not None:
            shown[_("Tariff")] = {"fields": ("tariff_name", "tariff_status")}
        if not self.has_change_permission(request, obj):
            shown[None] = {"fields": [name for name in shown[None]["fields"] if name != "password"]}
        return list(shown.items())

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        names = list(super().get_readonly_fields(request, obj))
        if not _is_superuser(request):
            names += ["is_staff", "is_superuser", "groups", "user_permissions"]
        if obj is not None and only_tenant(request.user) is not None:
            names += ["tenant", "tariff", "tariff_status"]
        return names

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Who may set the password of other staff has their rights."""
        if obj is not None and (obj.is_staff or obj.is_superuser) and not _is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    @admin.display(description=_("tariff"))
    def tariff_name(self, user: User) -> str:
        return str(user.tariff or "-")

    @admin.display(description=_("roles"))
    def role_names(self, user: User) -> str:
        return ", ".join(roles.shown_name(group.name) for group in user.groups.all()) or "-"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Rooms and meetings belong to people, so people who leave are disabled, not deleted.
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor = Actor.by_admin(request.user)
        if not change:
            services.create_account(user=obj, actor=actor)
            return
        new = {name: form.cleaned_data[name] for name in form.changed_data if name in form.cleaned_data}
        if new.get("groups"):
            new["is_staff"] = True  # a role is a right in the admin: one tick gives it
        links = {field.name: new.pop(field.name) for field in User._meta.many_to_many if field.name in new}
        columns = {name: new[name] for name in new.keys() & {field.name for field in User._meta.concrete_fields}}
        services.update_account(user=User.objects.get(pk=obj.pk), actor=actor, links=links, **columns)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


admin.site.unregister(Permissions)


class LosesPeople(admin.ModelAdmin):
    """The page that asks before a deletion tells who belongs to it, in place of Django's rows between the two."""

    def people_of(self, rows: Any) -> models.QuerySet[User]:
        raise NotImplementedError

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        _rows, _counts, needed, protected = super().get_deleted_objects(objs, request)
        people = self.people_of(objs).distinct()
        count = people.count()
        lose = ngettext("%(count)d person loses it:", "%(count)d people lose it:", count) % {"count": count}
        told = [lose, [str(person) for person in people[:MOST_PEOPLE]]] if count else [gettext("Nobody has it.")]
        return [*map(str, objs), *told], {self.opts.verbose_name_plural: len(objs)}, needed, protected


@admin.register(Role)
class RoleAdmin(LosesPeople, GroupAdmin):
    list_display = ("called", "told")

    def people_of(self, rows: Any) -> models.QuerySet[User]:
        people: models.QuerySet[User] = User.objects.filter(groups__in=rows)
        return people

    @admin.display(description=_("name"), ordering="name")
    def called(self, role: Role) -> str:
        return roles.shown_name(role.name)

    @admin.display(description=_("for"))
    def told(self, role: Role) -> str:
        return str(roles.TOLD.get(role.name, "-"))


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):
    tenant_path = "pk"
    list_display = ("external_id", "created_at")
    search_fields = ("external_id",)


@admin.register(MailBranding)
class MailBrandingAdmin(admin.ModelAdmin):
    tenant_path = "tenant_id"
    form = MailBrandingForm
    fields = (
        "tenant", "product_name", "picture", "current_logo", "removes_picture", "accent", "support_address",
        "imprint_url", "data_protection_url",
    )  # fmt: skip
    autocomplete_fields = ("tenant",)
    list_display = ("tenant", "product_name", "accent", "support_address")
    list_select_related = ("tenant",)
    called_with = ("tenant",)
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
    class Meta:
        model = Tariff
        fields = ("name", "external_ids", "quotas", "disabled_modules", "disabled_features")

    def clean_quotas(self) -> dict[str, int]:
        return tariff_values.quotas(self.cleaned_data["quotas"])

    def clean_external_ids(self) -> list[str]:
        return tariff_values.words(self.cleaned_data["external_ids"])

    def clean_disabled_modules(self) -> list[str]:
        return tariff_values.words(self.cleaned_data["disabled_modules"])

    def clean_disabled_features(self) -> list[str]:
        return tariff_values.words(self.cleaned_data["disabled_features"])


class TariffAdmin(ImportLink):
    """Registered by the rooms app (rooms/tariff_admin.py)."""

    import_kind = "tariffs"
    form = TariffForm
    list_display = ("name", "quotas")
    search_fields = ("name",)
    export_columns = {
        name: name for name in ("name", "external_ids", "quotas", "disabled_modules", "disabled_features")
    }


@admin.register(Group)
class TenantGroupAdmin(LosesPeople):
    tenant_path = "tenant_id"
    autocomplete_fields = ("tenant",)
    list_display = ("name", "tenant")
    list_select_related = ("tenant",)
    search_fields = ("name",)

    def people_of(self, rows: Any) -> models.QuerySet[User]:
        people: models.QuerySet[User] = User.objects.filter(tenant_groups__in=rows)
        return people


class ClientForm(forms.ModelForm):
    """The stored secret is a hash, which is as secret: it is never shown, and an empty field keeps it."""

    class Meta:
        model = Client
        fields = ("client_secret",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "client_secret" in self.fields and not self.instance._state.adding:
            self.initial["client_secret"] = ""
            self.fields["client_secret"].required = False
            self.fields["client_secret"].help_text = _("Empty: the secret stays as it is")

    def clean_client_secret(self) -> str:
        return str(self.cleaned_data["client_secret"] or self.instance.client_secret)


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    form = ClientForm
    fields = (
        "name", "client_id", "client_secret", "client_type", "authorization_grant_type", "redirect_uris",
        "post_logout_redirect_uris", "backchannel_logout_uri", "allowed_origins", "algorithm", "skip_authorization",
        "roles",
    )  # fmt: skip
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    view_on_site = False  # the provider's own page for it is not mounted

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> Any:
        shows_form = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [name for name in self.fields if shows_form or name != "client_secret"]

    list_display = ("name", "client_id", "client_type", "authorization_grant_type")
    search_fields = ("name", "client_id")
