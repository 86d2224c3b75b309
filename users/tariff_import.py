"""Tariffs from a file; the columns are those of their export."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from activity import setup
from activity.actors import Actor
from imports.kinds import Field, Finding, Findings, ImportKind, Line, State, outcome, register
from staff.effects import Effect
from users import tariff_values
from users.models import Tariff


class ValueField(forms.JSONField):
    def __init__(self, checked: Callable[[Any], Any]) -> None:
        super().__init__(required=False)
        self.checked = checked

    def clean(self, value: Any) -> Any:
        return self.checked(super().clean(value))


@register
class TariffImport(ImportKind):
    name = "tariffs"
    title = _("Import tariffs")
    label = _("tariffs")
    right = "users.add_tariff"
    target = "admin:users_tariff_change"
    is_of_tenant = False
    fields = (
        Field("name", ("Tariff", "Tarif"), True, check=forms.CharField(max_length=255), example="Big"),
        Field(
            "external_ids", ("Externe IDs", "Externe Kennungen", "Ids externes"),
            check=ValueField(tariff_values.words), example='["big"]',
        ),
        Field(
            "quotas", ("Quota", "Kontingente", "Kontingent"),
            check=ValueField(tariff_values.quotas), example='{"max_storage": 5000000000}',
        ),
        Field(
            "disabled_modules", ("Abgeschaltete Module", "Modules désactivés"),
            check=ValueField(tariff_values.words), example='["polls"]',
        ),
        Field(
            "disabled_features", ("Abgeschaltete Funktionen", "Fonctions désactivées"),
            check=ValueField(tariff_values.words), example='["core::call_in"]',
        ),
    )  # fmt: skip

    def key(self, values: dict[str, Any]) -> str:
        return str(values["name"])

    def check(self, lines: Sequence[Line], prepared: Any) -> Findings:
        known = dict(Tariff.objects.filter(name__in=[line.values["name"] for line in lines]).values_list("name", "pk"))
        return Findings([
            Finding(State.EXISTS, object_id=known[name]) if name in known else Finding(State.NEW)
            for name in (line.values["name"] for line in lines)
        ])  # fmt: skip

    def carry_out(self, lines: Sequence[Line], prepared: Any, actor: Actor) -> Findings:
        found = self.check(lines, prepared).rows
        made = {
            line.row.pk: Tariff(**line.values)
            for line, finding in zip(lines, found, strict=True)
            if finding.state == State.NEW
        }
        setup.add_rows(rows=list(made.values()), actor=actor)
        return outcome(lines, found, made)

    def effect(self, new: int) -> Effect:
        made = ngettext("%(count)d tariff is made.", "%(count)d tariffs are made.", new) % {"count": new}
        return Effect(lines=[made, gettext("Tariffs that exist already stay as they are.")])
