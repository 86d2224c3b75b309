"""Whose dashboard it is: what the rights show, and of which tenant."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from staff.tenancy import only_tenant


@dataclass(frozen=True)
class Reader:
    request: HttpRequest

    @property
    def tenant_id(self) -> uuid.UUID | None:
        """None for who sees every tenant."""
        return only_tenant(self.request.user)

    def sees(self, model: type[Model]) -> bool:
        rows = admin.site._registry.get(model)
        return rows is not None and rows.has_view_permission(self.request)

    def rows(self, model: type[Model]) -> QuerySet[Any]:
        """Of the reader's tenants; the model has a column `tenant_id`."""
        found: QuerySet[Any] = model._default_manager.order_by()
        return found.filter(tenant_id=self.tenant_id) if self.tenant_id else found
