"""Filters beside the lists of the admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin import AllValuesFieldListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from staff.names import names_of


class NamedValuesFilter(AllValuesFieldListFilter):
    """All values that a column has; that with no text is shown as a dash, and not as a link without words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or self.empty_value_display}


class KindFilter(admin.SimpleListFilter):
    """By the names of staff/names.py: asking the table for its distinct kinds would read all of it."""

    column: str
    parameter_name: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return names_of(self.column)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset
