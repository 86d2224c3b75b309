"""Whose mail it is: what stands at its head."""

import uuid
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Brand:
    name: str


def brand_of(tenant_id: uuid.UUID | None) -> Brand:
    """The tenant's, or the site's; until tenants have one of their own, the site's."""
    return Brand(settings.MAIL_PRODUCT_NAME)
