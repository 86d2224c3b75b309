"""The page of the site's settings: what is in force, what the environment says, and the way back to that."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.actors import Actor
from activity.history.values import NOTHING as DASH
from site_settings.models import ONLY, SiteSettings
from site_settings.services import NAMES, change_settings
from site_settings.values import NOTHING

SUPERUSERS_ALONE = ("second_factor",)  # who may decide over it could open the admin for a stolen password


class SettingsForm(forms.ModelForm):
    """Each field says what the environment has, and takes that where it is left empty."""

    invites_outsiders = forms.TypedChoiceField(
        choices=[("True", _("yes")), ("False", _("no"))],
        coerce=lambda text: text == "True",
        empty_value=None,
        required=False,
    )

    imprint_url = forms.URLField(assume_scheme="https", max_length=200, required=False)
    data_protection_url = forms.URLField(assume_scheme="https", max_length=200, required=False)

    class Meta:
        model = SiteSettings
        fields = tuple(NAMES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            column: Any = SiteSettings._meta.get_field(name)
            default = _in_words(column, getattr(settings, NAMES[name]))
            field.label = column.verbose_name
            field.help_text = f"{column.help_text} {_state(getattr(self.instance, name), default)}"
            if type(field) in (forms.TypedChoiceField, forms.ChoiceField):
                empty = gettext("Default: %(value)s") % {"value": default}
                field.choices = [("", empty), *(choice for choice in field.choices if choice[0])]  # type: ignore[attr-defined]


def _state(chosen: Any, default: str) -> str:
    if chosen in NOTHING:
        return gettext("In force is the default: %(value)s.") % {"value": default}
    return gettext("Changed here. Empty, the default is in force again: %(value)s.") % {"value": default}


def _in_words(column: Any, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(dict(column.flatchoices).get(value, value)) or DASH


@admin.register(SiteSettings)
class SiteSettingsAdmin(admin.ModelAdmin):
    """One page: the list leads to it, and it is there before anything was chosen."""

    form = SettingsForm
    autocomplete_fields = ("default_tariff",)
    fieldsets = (
        (_("People"), {"fields": ("invites_outsiders", "default_language", "default_tariff")}),
        (_("Mails"), {"fields": ("support_address", "imprint_url", "data_protection_url", "mail_daily_quota")}),
        (_("Kept for a time"), {"fields": ("mail_body_days",)}),
        (_("Sign-in of staff"), {"fields": ("second_factor",)}),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:site_settings_sitesettings_change", ONLY)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SiteSettings | None:
        found: SiteSettings | None = super().get_object(request, object_id, from_field)
        return SiteSettings() if found is None and object_id == str(ONLY) else found

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: SiteSettings | None = None) -> tuple[str, ...]:
        return () if getattr(request.user, "is_superuser", False) else SUPERUSERS_ALONE

    def save_model(self, request: HttpRequest, obj: SiteSettings, form: Any, change: bool) -> None:
        columns = {name: form.cleaned_data[name] for name in form.changed_data}
        change_settings(actor=Actor.by_admin(request.user), columns=columns)
