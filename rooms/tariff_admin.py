"""Tariffs for staff: what a smaller one takes from the people who have it stands on a page that asks."""

from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, ngettext

from rooms.models import Asset
from staff.effects import Effect, confirm
from users.admin import TariffAdmin
from users.models import Tariff

LISTS = ("disabled_modules", "disabled_features")


class RoomTariffAdmin(TariffAdmin):
    """Registered by the rooms, which know what people keep in them."""

    def save_model(self, request: HttpRequest, obj: Tariff, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        effect = of_change(obj, form.initial) if change else None
        if effect is not None:
            confirm(request, effect, title=gettext("Save the changes?"), opts=self.opts, original=obj)


def of_change(tariff: Tariff, old: dict[str, Any]) -> Effect | None:
    """None where nobody has less by it."""
    people = tariff.users.count()
    lines = [*_of_quotas(tariff, old["quotas"] or {}), *_of_words(tariff, old)] if people else []
    if not lines:
        return None
    have = ngettext("%(count)d person has this tariff.", "%(count)d people have this tariff.", people)
    return Effect(lines=[have % {"count": people}, *lines, gettext("Nobody is mailed.")])


def _of_quotas(tariff: Tariff, old: dict[str, int]) -> list[str]:
    """Of those that are smaller, or were unlimited."""
    lines = []
    for name, limit in tariff.quotas.items():
        if limit >= old.get(name, limit + 1):
            continue
        if name == "max_storage":
            lines.append(_of_storage(tariff, limit))
        else:
            before = old.get(name, gettext("unlimited"))
            text = gettext("%(quota)s is %(new)s instead of %(old)s, from the next live meeting on.")
            lines.append(text % {"quota": name, "new": limit, "old": before})
    return lines


def _of_storage(tariff: Tariff, limit: int) -> str:
    used = Asset.objects.filter(room__created_by__tariff=tariff).order_by().values("room__created_by")
    above = used.annotate(bytes=Sum("size")).filter(bytes__gt=limit).count()
    text = ngettext(
        "%(count)d person keeps more than %(limit)s: the files stay, and no more can be stored.",
        "%(count)d people keep more than %(limit)s: the files stay, and no more can be stored.",
        above,
    )
    return text % {"count": above, "limit": filesizeformat(limit)}


def _of_words(tariff: Tariff, old: dict[str, Any]) -> list[str]:
    off = [word for name in LISTS for word in getattr(tariff, name) if word not in (old[name] or [])]
    text = gettext("What they can no longer use, from the next live meeting on: %(names)s.")
    return [text % {"names": ", ".join(off)}] if off else []
