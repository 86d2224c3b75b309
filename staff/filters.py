"""Filters beside the lists of the admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter


class NamedValuesFilter(AllValuesFieldListFilter):
    """All values that a column has; that with no text is shown as a dash, and not as a link without words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or self.empty_value_display}
