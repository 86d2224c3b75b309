"""What rows are found by: their words in one column, folded (database/folding.py)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction

from database.folding import folded


class Searchable(models.Model):
    """Keeps `search_text` in step with the columns named in SEARCHED, whoever saves the row."""

    SEARCHED: ClassVar[tuple[str, ...]]
    search_text = models.TextField(default="", editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        names = None if update_fields is None else {*update_fields}
        if names is None or names & {*self.SEARCHED, "search_text"}:
            self.search_text = self.searched()
            names = names and {*names, "search_text"}
        super().save(*args, update_fields=names, **kwargs)

    def searched(self) -> str:
        """What `search_text` should be."""
        return folded(*(getattr(self, name) for name in self.SEARCHED))


def stale(model: type[Searchable]) -> list[Any]:
    """The keys of rows whose text does not follow from their columns. One statement."""
    rows = model._default_manager.only(*model.SEARCHED, "search_text").order_by("pk")
    return [row.pk for row in rows.iterator() if row.search_text != row.searched()]


@transaction.atomic
def refresh(model: type[Searchable], keys: Iterable[Any]) -> None:
    """Writes the texts anew, from the rows as they are now."""
    for row in model._default_manager.select_for_update().filter(pk__in=list(keys)):
        row.save(update_fields=["search_text"])
