"""A form of the admin as it is shown, with other values in some fields, as a browser sends it."""

from collections.abc import Iterator
from typing import Any

from django.forms import BaseForm
from django.test import Client


def filled(browser: Client, path: str, **fields: Any) -> dict[str, Any]:
    context = browser.get(path).context
    sent = dict(_values(context["adminform"].form))
    for inline in context["inline_admin_formsets"]:
        forms = [inline.formset.management_form, *inline.formset.initial_forms]
        sent |= {name: value for form in forms for name, value in _values(form)}
    return sent | fields


def _values(form: BaseForm) -> Iterator[tuple[str, Any]]:
    for name, field in form.fields.items():
        sent = form.add_prefix(name)
        value = field.prepare_value(form.get_initial_for_field(field, name))
        if hasattr(field.widget, "widgets"):
            parts = field.widget.decompress(value)
            yield from ((f"{sent}_{number}", part) for number, part in enumerate(parts) if part is not None)
        elif value is not None:
            yield sent, value
