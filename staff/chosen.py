"""A filter beside a list of the admin: by one row of a related model, which is found while one types."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin import FieldListFilter
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest


class ChosenFilter(FieldListFilter):
    """Names only what the reader may see of the other model, so it is for who sees one tenant too."""

    template = "admin/_chosen_filter.html"
    keeps_to_tenant = True
    called: Any = ""  # instead of the field's own name

    def __init__(
        self, field: Any, request: HttpRequest, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        self.lookup_kwarg = f"{field_path}__exact"
        super().__init__(field, request, params, model, model_admin, field_path)
        self.title = self.called or self.title
        site = model_admin.admin_site
        self._others = site._registry[field.remote_field.model]
        self._may_choose = bool(self._others.has_view_permission(request))
        widget = AutocompleteSelect(field, site)
        chosen = forms.ModelChoiceField(self._others.get_queryset(request), widget=widget, label=self.title)
        self._form = _form({self.lookup_kwarg: chosen}, {self.lookup_kwarg: self._chosen()})

    def _chosen(self) -> Any:
        value = self.used_parameters.get(self.lookup_kwarg)
        return value[-1] if isinstance(value, list) else value

    def expected_parameters(self) -> list[str | None]:
        return [self.lookup_kwarg]

    def has_output(self) -> bool:
        return self._may_choose

    def choices(self, changelist: Any) -> Iterator[Any]:
        """One for the template: the form, what else the address says, and the address without this filter."""
        others = [(name, value) for name, value in changelist.params.items() if name != self.lookup_kwarg]
        yield {
            "form": self._form,
            "others": others,
            "selected": self._chosen() is not None,
            "query_string": changelist.get_query_string(remove=[self.lookup_kwarg]),
        }


class TenantFilter(ChosenFilter):
    """Not for who sees one tenant."""

    keeps_to_tenant = False


def _form(fields: dict[str, forms.Field], initial: dict[str, Any]) -> forms.Form:
    form = forms.Form(initial=initial, auto_id="id_filter_%s")
    form.fields.update(fields)
    return form
