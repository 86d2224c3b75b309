"""The admin's site: each of its admins keeps to the rules of staff/tenancy.py, exports.py, effects.py and of apps."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest

from staff.admin import FormsComeBack
from staff.effects import asking
from staff.exports import ExportRule
from staff.tenancy import TenantRule


class StaffSite(AdminSite):
    # What every admin gets beside the rule; apps add to it in `ready`, before the first admin is registered.
    shared: ClassVar[list[type[Any]]] = []
    # What else must be true of a request of staff; apps add to it in `ready`.
    doors: ClassVar[list[Callable[[HttpRequest], bool]]] = []

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and all(is_open(request) for is_open in self.doors)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        super().register(model_or_iterable, _with_rules(admin_class or ModelAdmin), **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(asking(view, self.each_context), cacheable)


def _with_rules(admin_class: type[Any]) -> type[Any]:
    said = {
        "tenant_path": getattr(admin_class, "tenant_path", None),
        "export_columns": getattr(admin_class, "export_columns", {}),
        "__module__": __name__,
    }
    shared = [part for part in StaffSite.shared if not issubclass(admin_class, part)]
    bases: tuple[type[Any], ...] = (TenantRule, ExportRule, FormsComeBack, admin_class, *shared)
    return type(admin_class.__name__, bases, said)
