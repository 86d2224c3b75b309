"""Producers for staff: whose tenant they belong to, what they report about and when they did last; registered kinds."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.objects.models import Object
from integrations.producers.models import Binding, ExtraKind, Producer
from integrations.producers.schemas import check_schema
from staff.chosen import ChosenFilter


class BindingInline(admin.TabularInline):
    model = Binding
    fields = readonly_fields = ("object", "reported_kind", "reported_at")
    extra = 0
    max_num = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Binding]:
        """The objects of which it has reported last."""
        rows: QuerySet[Binding] = super().get_queryset(request)
        return rows.select_related("object")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Producer)
class ProducerAdmin(admin.ModelAdmin):
    tenant_path = "tenant_id"
    list_display = ("name", "tenant", "reported_at", "disabled_since")
    list_filter = (("disabled_since", admin.EmptyFieldListFilter),)
    list_select_related = ("tenant",)
    search_fields = ("name",)
    autocomplete_fields = ("tenant",)
    fields = ("name", "tenant", "disabled_since", "created_at", "reported_at")
    readonly_fields = ("created_at", "reported_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What it reported is known by it: a producer is disabled, not deleted.
        return False


class BindingForm(forms.ModelForm):
    object_id = forms.UUIDField(label=_("id of the object"), help_text=_("Of the producer's tenant"))

    class Meta:
        model = Binding
        fields = ("producer",)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        producer, object_id = values.get("producer"), values.get("object_id")
        if producer is None or object_id is None:
            return values
        one = Object.objects.filter(pk=object_id, owner__tenant=producer.tenant_id, deleted_at=None).first()
        if one is None:
            self.add_error("object_id", gettext("The producer's tenant has no such object"))
        elif Binding.objects.filter(producer=producer, object=one).exists():
            raise ValidationError(gettext("The producer is bound to this object already"))
        else:
            self.instance.object = one
        return values


@admin.register(Binding)
class BindingAdmin(admin.ModelAdmin):
    form = BindingForm
    tenant_path = "producer__tenant_id"
    list_display = ("producer", "object", "reported_kind", "reported_at")
    list_display_links = ("object",)
    list_filter = (("producer", ChosenFilter),)
    list_select_related = ("producer", "object")
    search_fields = ("producer__name", "object__description__icontains")
    autocomplete_fields = ("producer",)
    readonly_fields = ("object", "created_at", "reported_kind", "reported_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("producer", *self.readonly_fields) if obj else ("producer", "object_id")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Another object is another binding.
        return False


class ExtraKindForm(forms.ModelForm):
    def clean_schema(self) -> Any:
        schema = self.cleaned_data["schema"]
        if problem := check_schema(schema):
            raise ValidationError(problem)
        return schema


@admin.register(ExtraKind)
class ExtraKindAdmin(admin.ModelAdmin):
    form = ExtraKindForm
    list_display = ("type", "description", "disabled_since")
    list_filter = (("disabled_since", admin.EmptyFieldListFilter),)
    search_fields = ("type", "description")
    fields = ("type", "description", "schema", "disabled_since", "created_at")
    readonly_fields = ("created_at",)
