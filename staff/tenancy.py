"""Whose rows a member of staff sees: those of every tenant, or those of the own one alone.

StaffSite mixes the rule into every admin it registers, packages' too; an admin only says in `tenant_path` where its
model keeps the tenant. One that says nothing is about the whole site, and nothing for who sees one tenant.
"""

import uuid
from functools import reduce
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Field, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

SEE_EVERY_TENANT = "users.see_every_tenant"


def only_tenant(user: Any) -> uuid.UUID | None:
    """The tenant that a member of staff is limited to; None for one who sees all of them."""
    tenant_id: uuid.UUID | None = None if user.has_perm(SEE_EVERY_TENANT) else user.tenant_id
    return tenant_id


def visible(user: Any, rows: QuerySet[Any], path: str | None) -> QuerySet[Any]:
    """The rows whose tenant, found along `path`, the member of staff may see."""
    tenant = only_tenant(user)
    if tenant is None:
        return rows
    return rows.filter(**{path: tenant}) if path else rows.none()


class TenantRule(ModelAdmin):
    """Mixed in before the admin's own class, so that nothing in it can go around the rule."""

    tenant_path: str | None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return visible(request.user, super().get_queryset(request), self.tenant_path)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Knows whether the reader may change it: who may not gets no links to pages that do. And who that is."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.may_change = self.has_change_permission(request, found)
            found.request = request
        return found

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_in_reach(request, obj) and super().has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_in_reach(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_in_reach(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_in_reach(request, obj) and super().has_delete_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_in_reach(request) and super().has_module_permission(request)

    def tenant_of(self, row: Any) -> uuid.UUID | None:
        """Whose the row is; None where no tenant has such rows."""
        path = self.tenant_path
        return reduce(getattr, path.split(LOOKUP_SEP), row) if path else None

    def _is_in_reach(self, request: HttpRequest, obj: Any = None) -> bool:
        tenant = only_tenant(request.user)
        if tenant is None or self.tenant_path is None:
            return tenant is None
        return obj is None or self.tenant_of(obj) == tenant

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """The choices of a relation: what the person may see of the other model."""
        choices: QuerySet[Any] | None = super().get_field_queryset(db, db_field, request)
        if only_tenant(request.user) is None:
            return choices
        related = db_field.remote_field.model
        admin = self.admin_site._registry.get(related)
        return admin.get_queryset(request) if admin else related._default_manager.none()

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Not those by a relation, which would name what other tenants have."""
        filters = super().get_list_filter(request)
        if only_tenant(request.user) is None:
            return filters
        return [item for item in filters if not _is_relation(self.model, item) or _keeps_to_tenant(item)]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"tenant": only_tenant(request.user)} | super().get_changeform_initial_data(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By what a page shows. Django takes every column, and `?password__startswith=a` would find out a secret."""
        if request is None or lookup.split(LOOKUP_SEP, maxsplit=1)[0] not in self._shown(request):
            return False
        return super().lookup_allowed(lookup, value, request)

    def _shown(self, request: HttpRequest) -> set[str]:
        names = {"pk", self.opts.pk.name, self.date_hierarchy, *self.get_list_display(request)}
        for item in self.get_list_filter(request):
            name = item[0] if isinstance(item, list | tuple) else getattr(item, "parameter_name", item)
            names.add(str(name).split(LOOKUP_SEP)[0])
        # Fields and not the form's, which has a password too.
        return {str(name) for name in names | set(self.get_readonly_fields(request))}


def _is_relation(model: Any, item: Any) -> bool:
    name = item[0] if isinstance(item, list | tuple) else item
    if not isinstance(name, str):
        return False
    field: Field[Any, Any] = model._meta.get_field(name.split(LOOKUP_SEP)[0])
    return field.is_relation


def _keeps_to_tenant(item: Any) -> bool:
    return isinstance(item, list | tuple) and getattr(item[1], "keeps_to_tenant", False)
