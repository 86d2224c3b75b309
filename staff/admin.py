"""The classes that several apps' admin pages are made of."""

import uuid
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from staff.effects import goes_back


class IdSearchAdmin(admin.ModelAdmin):
    """Searches an id in `id_fields` as an id, which uses their indexes, and everything else in `search_fields`."""

    id_fields: tuple[str, ...] = ("id",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        try:
            wanted = uuid.UUID(search_term.strip())
        except ValueError:
            return self.found_by_words(request, queryset, search_term)
        any_of = reduce(or_, (Q(**{field: wanted}) for field in self.id_fields))
        return queryset.filter(any_of), False

    def found_by_words(self, request: HttpRequest, queryset: QuerySet[Any], text: str) -> tuple[Any, bool]:
        """The rows, and whether some may be in it twice."""
        return super().get_search_results(request, queryset, text)


class ReadOnlyAdmin(IdSearchAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FormsComeBack(admin.ModelAdmin):
    """Mixed into each admin: after "Back" its form is shown again as it was filled in, and saves nothing."""

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:  # type: ignore[override] # as the users' admin
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (_Unsaved, form), {}) if goes_back(request) else form


class _Unsaved:
    def is_valid(self) -> bool:
        return False
